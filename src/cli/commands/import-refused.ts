import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { readProfile } from "../../engine/intake/import-files.ts";
import type { RetryOptions, WaitingFile, WaitingRow } from "../../engine/intake/import-files-refused.ts";
import { listRefused, retryRefused, showRefused } from "../../engine/intake/import-files-refused.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { describeImport } from "./import-report.ts";

interface Options {
  tenant: string;
  batch: string;
  out?: string;
  fix?: string;
  profile?: string;
  date?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `cairn import refused`: rows that could not go in, kept until they are repaired or what was in their way is gone. */
export function registerRefused(parent: Command): void {
  const refused = parent.command("refused").description("rows that were refused: list, show, try again");
  const add = (name: string, description: string): Command =>
    refused.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());
  const batch = ["--batch <id>", "the delivery they came in"] as const;

  add("list", "the deliveries with rows that wait").action(list);
  add("show", "why each row of a delivery waits")
    .requiredOption(...batch)
    .option("--out <folder>", "write the rows themselves there, a CSV per file, to edit and try again")
    .action(show);
  add("retry", "try the rows of a delivery again")
    .requiredOption(...batch)
    .option("--fix <file>", "an edited CSV of refused rows; without it the same rows again")
    .option("--profile <file>", "the column profile, where it is your own")
    .option("--date <day>", "the day the file speaks of, YYYY-MM-DD, where its rows do not say it")
    .option("--dry-run", "read, check and report, but write nothing")
    .action(retry);
}

async function list(options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const files = await context.withCairn(async (cairn) =>
    listRefused(cairn, await requireTenant(cairn, options.tenant)),
  );
  context.say(files.length === 0 ? "no refused row waits" : files.map(describeWaiting).join("\n"));
  context.answer(files);
}

async function show(options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const { rows, files } = await context.withCairn(async (cairn) =>
    showRefused(cairn, await requireTenant(cairn, options.tenant), options.batch),
  );
  const written: string[] = [];
  if (options.out !== undefined) {
    await mkdir(options.out, { recursive: true });
    for (const [file, content] of files) {
      const path = join(options.out, basename(file));
      await writeFile(path, content, { mode: 0o600, flag: "wx" });
      written.push(path);
    }
  }
  context.say(rows.length === 0 ? "no row of this delivery waits" : rows.map(describeRow).join("\n"));
  for (const path of written) context.say(`written to ${path}: edit it, then cairn import refused retry --fix ${path}`);
  // The rows themselves go where --out says and nowhere else: they may hold names.
  context.answer({ rows: rows.map(({ raw: _, header: __, ...row }) => row), written });
}

async function retry(options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const { fix, date, profile: own } = options;
  const profile = own === undefined ? undefined : await readProfile(own);
  const how: RetryOptions = {
    dryRun: options.dryRun ?? false,
    ...(fix === undefined ? {} : { fix }),
    ...(date === undefined ? {} : { date }),
    ...(typeof profile === "object" ? { profile } : {}),
    onProgress: context.onProgress,
    signal: context.signal,
  };
  const report = await context.withCairn(async (cairn) =>
    retryRefused(cairn, await requireTenant(cairn, options.tenant), options.batch, how),
  );
  context.say(report === undefined ? "no row of this delivery waits" : describeImport(report));
  context.answer(report ?? null);
}

function describeWaiting({ batchId, standard, receivedAt, file, rows, codes }: WaitingFile): string {
  const why = Object.entries(codes).map(([code, count]) => `${count} ${code}`);
  return `${batchId} · ${standard} · ${receivedAt.slice(0, 10)} · ${file}: ${rows} rows wait (${why.join(", ")})`;
}

function describeRow({ position, file, line, column, code, reason }: WaitingRow): string {
  return `${String(position).padStart(5)} ${file} line ${line}${column === null ? "" : ` column ${column}`}: ${code}, ${reason}`;
}
