import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { runBatch } from "../../../jobs/batch.ts";
import { readRanking } from "../../engine/early-warning/ranking.ts";
import type { RiskMetrics } from "../../engine/early-warning/train.ts";
import { importDistrict } from "../../engine/intake/import-files.ts";
import { ensureTenant } from "../../engine/intake/tenants.ts";
import { masteryStory } from "../../engine/mastery/story.ts";
import { listPlaylists, readPlaylist } from "../../engine/playlists/read.ts";
import { readModelRecord } from "../../engine/registry/models.ts";
import type { Context } from "../context.ts";
import { createContext } from "../context.ts";
import type { DemoResult } from "../demo/describe.ts";
import { describeDemo } from "../demo/describe.ts";
import { judge } from "../demo/judge.ts";
import { demoTenant, jsonOption, parseCount } from "../options.ts";
import { queueHome } from "../queue-home.ts";

const DEFAULT_STUDENTS = 1000;
const CAPACITY = 25; // learners one counselor can see
const SHOWN = 10;
const ANSWERS = 3; // of the story of one learner's mastery
const AS_OF = "2025-12-12";

interface Options {
  students: number;
  seed: string;
  fresh?: boolean;
  json?: boolean;
}

/** `cairn demo`: the main job, from a synthetic district's files to a ranking and a playlist, judged by the known truth. */
export function registerDemo(program: Command): void {
  program
    .command("demo")
    .description(
      "the main job on a synthetic district: real-format files in, a ranking and a playlist out, judged by the known truth",
    )
    .option("--students <n>", "how many learners over two school years", parseCount, DEFAULT_STUDENTS)
    .option("--seed <seed>", "which district", "1")
    .option("--fresh", "write the district's files again")
    .addOption(jsonOption())
    .action(demo);
}

async function demo(options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const started = context.seconds();
  const district = await ensureDistrict(context, options);
  // Another district than the default one is another tenant: their records never mix.
  const name =
    options.students === DEFAULT_STUDENTS && options.seed === "1"
      ? demoTenant
      : `${demoTenant}-${options.students}-${slug(options.seed)}`;
  const result = await context.withCairn(async (cairn): Promise<DemoResult> => {
    const tenantId = await ensureTenant(cairn, name, "Synthetic district");
    const reports = await importDistrict(cairn, tenantId, district, {
      onProgress: context.onProgress,
      signal: context.signal,
    });
    const home = queueHome(context.configuration, cairn);
    await runBatch(cairn, home, { tenantId, asOf: AS_OF }, context);
    const everybody = await readRanking(cairn, tenantId, { limit: Number.MAX_SAFE_INTEGER });
    const record = await readModelRecord(cairn, tenantId, everybody.provenance.modelId);
    const playlists = await listPlaylists(cairn, tenantId);
    const verdict = await judge(district, everybody, playlists, CAPACITY, options.seed);
    const shown = everybody.entries.find((entry) => playlists.has(entry.learner));
    return {
      tenant: tenantId,
      rows: reports.flatMap((report) => report.files).reduce((total, file) => total + file.rows, 0),
      refused: reports.flatMap((report) => report.files).reduce((total, file) => total + file.refused, 0),
      ranking: { ...everybody, entries: everybody.entries.slice(0, SHOWN) },
      heldOut: (record.metrics as RiskMetrics).heldOut,
      playlist: shown === undefined ? null : await readPlaylist(cairn, tenantId, shown.learner),
      story:
        shown === undefined ? null : await masteryStory(cairn, { tenantId, role: "operator" }, shown.learner, ANSWERS),
      verdict,
      stored: {
        district,
        records: cairn.recordsAt,
        queue: home.backend,
        ...cairn.folders,
      },
      seconds: context.seconds() - started,
    };
  });
  for (const line of describeDemo(result)) context.say(line);
  context.answer(result);
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40);

/** The district's files; they are kept, because the same size and seed give the same bytes. */
async function ensureDistrict(context: Context, { students, seed, fresh }: Options): Promise<string> {
  const folder = join(context.configuration.home, "districts", `${students}-${slug(seed)}-${AS_OF}`);
  const complete = join(folder, "complete.json"); // written last: a killed demo leaves no half a district behind
  const wanted = JSON.stringify({ students, seed, asOf: AS_OF, generator: 2 });
  const present = await access(complete).then(
    async () => (await readFile(complete, "utf8")) === wanted,
    () => false,
  );
  if (present && fresh !== true) return folder;
  await rm(folder, { recursive: true, force: true });
  await writeDistrict({ folder, students, seed, asOf: AS_OF, onProgress: context.onProgress, signal: context.signal });
  await writeFile(complete, wanted);
  return folder;
}
