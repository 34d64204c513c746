import { mkdir, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { CairnError } from "../../src/errors.ts";
import { CURRENT_YEAR, dateOf, dayOf, schoolYear } from "./calendar.ts";
import { type PlantedDirt, plantDirt } from "./dirt.ts";
import type { GroupOptions } from "./district-group.ts";
import { writeDistrictRows } from "./district-rows.ts";
import { districtPieces, hasThreads } from "./district-threads.ts";
import { type ExportRows, exportFiles, openRows, WAITING_FOLDER } from "./export-rows.ts";
import { manifestFiles, oneRosterColumns } from "./oneroster-columns.ts";
import { zipOneRoster } from "./oneroster-zip.ts";
import { OutputFile } from "./output-file.ts";
import { writePlanted } from "./planted.ts";
import { groupCount } from "./school-groups.ts";
import { World, type WorldOptions } from "./world.ts";

/** What makes one district another one: the choices that shape lives in it. */
export interface DistrictChoices {
  /** Learners over all years, 2 to 1,000,000; of two years about three quarters are enrolled in each. */
  readonly students: number;
  readonly seed: string | number;
  /** School years before the one under way, 1 to 6; default 1. */
  readonly finishedYears?: number;
  /** Files about the whole learner (supports, tests, goals, preferences and so on); default true. */
  readonly profiles?: boolean;
  /** Three interventions with planted effects, with their assignments and doses; default true. */
  readonly interventions?: boolean;
  /** One school changes its grading and its attendance coding in October of the year under way; default false. */
  readonly drift?: boolean;
}

/** What to generate. */
export interface DistrictOptions extends DistrictChoices {
  /** Where the files go; created when absent, files of the same names are replaced. */
  readonly folder: string;
  /** The day of the export, 2025-08-22 to 2026-06-05; default 2025-12-12. The files hold nothing the school learned later. */
  readonly asOf?: string;
  /**
   * Learners who move from one district to another in the autumn of the year under way. Two districts written with the
   * same `seed` and `learners` share them: the one without `from` is where they come from, the other names its choices.
   */
  readonly movers?: { readonly seed: string | number; readonly learners: number; readonly from?: DistrictChoices };
  /** Adds rows with faults that an importer must report. */
  readonly dirt?: boolean;
  /** Threads that write, 1 or more; default: one per processor where the program is compiled. The bytes do not depend on it. */
  readonly threads?: number;
  /** Called with the step in words and the finished share of it, 0 to 1. */
  readonly onProgress?: (step: string, fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** One file that was written. */
export interface WrittenFile {
  /** Relative to the folder; files inside oneroster.zip are named oneroster/<file>. */
  readonly file: string;
  /** Without the header. */
  readonly rows: number;
  /** Uncompressed. */
  readonly bytes: number;
}

/** What was generated; nothing here tells how the year under way ends. */
export interface DistrictSummary {
  readonly folder: string;
  readonly students: number;
  readonly schools: number;
  readonly asOf: string;
  /** Learners the export names, per school year. */
  readonly years: readonly { readonly year: string; readonly enrolled: number }[];
  readonly files: readonly WrittenFile[];
  /** Bytes of oneroster.zip. */
  readonly zipBytes: number;
  /** Empty unless dirt was asked for. */
  readonly dirt: readonly PlantedDirt[];
}

const DEFAULT_AS_OF = "2025-12-12";
const FIRST_AS_OF = "2025-08-22"; // the first Friday: one week can be looked back on
const MOST_STUDENTS = 1_000_000;
const MOST_FINISHED_YEARS = 6;
const MOST_MOVERS = 10_000;
const MOST_THREADS = 256;

/**
 * Writes a synthetic district: school years of real-format files, and the truth about them in `truth/`. The bytes depend
 * on the seed, the students, the day and the choices, not on the threads. Memory does not grow with the learners.
 * @throws CairnError `BAD_INPUT` for a number or a day that is out of range, `CANCELLED` when the signal fires
 *   (files written so far stay, unfinished), `UNREADABLE_FILE` when the folder cannot be written
 */
export async function writeDistrict(options: DistrictOptions): Promise<DistrictSummary> {
  const { folder, students } = options;
  const asOf = options.asOf ?? DEFAULT_AS_OF;
  const group = groupOptions(options, checkDay(asOf));
  checkWhole("threads", options.threads ?? 1, 1, MOST_THREADS);
  const world = new World(group.world);
  const files = await openFiles(folder);
  const enrolled = new Map<number, number>();
  let dirt: readonly PlantedDirt[] = [];
  try {
    const out = openRows(world.options.cutoff, world.districtCode, world.curriculum);
    writeDistrictRows(out, world);
    writeManifest(out, world.districtCode);
    writePlanted(out, world);
    for (const [name, buffer] of out.all) {
      const { bytes, rows } = buffer.take();
      await files.get(name)!.append(bytes, rows);
    }
    await writePieces(group, options, files, enrolled);
    if (options.dirt === true) dirt = await plantDirt(files);
  } catch (error) {
    await rm(join(folder, WAITING_FOLDER), { recursive: true, force: true });
    throw error;
  } finally {
    for (const file of files.values()) await file.close();
  }
  await pack(folder, options);
  const zipBytes = (await stat(join(folder, "oneroster.zip"))).size;
  const written = [...files.values()].map(({ name, rows, bytes }) => ({ file: name, rows, bytes }));
  const years = world.years.map(({ number, title }) => ({ year: title, enrolled: enrolled.get(number) ?? 0 }));
  return { folder, students, schools: world.schools, asOf, years, files: written, zipBytes, dirt };
}

async function writePieces(
  group: GroupOptions,
  { students, threads, onProgress, signal }: DistrictOptions,
  files: ReadonlyMap<string, OutputFile>,
  enrolled: Map<number, number>,
): Promise<void> {
  const most = hasThreads() ? (threads ?? availableParallelism()) : 1;
  let learners = 0;
  for await (const piece of districtPieces(group, groupCount(students), most)) {
    stopIfAsked(signal);
    for (const { name, bytes, rows, first } of piece.files) {
      const file = files.get(name)!;
      file.first ??= first;
      await file.append(bytes, rows);
    }
    for (const [year, count] of piece.enrolled) enrolled.set(year, (enrolled.get(year) ?? 0) + count);
    learners += piece.learners;
    onProgress?.("synthetic district: learners", learners / students);
  }
}

async function openFiles(folder: string): Promise<ReadonlyMap<string, OutputFile>> {
  const files = new Map<string, OutputFile>();
  try {
    await mkdir(join(folder, "truth"), { recursive: true });
    await rm(join(folder, WAITING_FOLDER), { recursive: true, force: true });
    await mkdir(join(folder, WAITING_FOLDER));
    for (const { name, path, columns } of exportFiles)
      files.set(name, await OutputFile.create(join(folder, path), name, columns));
    return files;
  } catch (cause) {
    for (const file of files.values()) await file.close();
    throw new CairnError("UNREADABLE_FILE", "expected a folder that can be written for the district's files", {
      hint: "check the path, its permissions and the free space",
      cause,
    });
  }
}

function groupOptions({ movers, ...options }: DistrictOptions, cutoff: number): GroupOptions {
  const world = worldOptions(options, cutoff);
  if (movers === undefined) return { world, movers: undefined };
  checkWhole("movers", movers.learners, 1, MOST_MOVERS);
  const { seed, learners, from } = movers;
  const origin = from === undefined ? {} : { origin: worldOptions(from, cutoff) };
  return { world, movers: { seed: String(seed), learners, ...origin } };
}

function worldOptions(choices: DistrictChoices, cutoff: number): WorldOptions {
  const { seed, students, finishedYears = 1, profiles = true, interventions = true, drift = false } = choices;
  checkWhole("students", students, 2, MOST_STUDENTS);
  checkWhole("finished years", finishedYears, 1, MOST_FINISHED_YEARS);
  return { seed: String(seed), students, finishedYears, cutoff, profiles, interventions, drift };
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new CairnError("BAD_INPUT", `expected ${least} to ${most} ${what}, got ${value}`, {
    hint: `pass a whole number such as ${Math.min(most, Math.max(least, 1000))}`,
  });
}

function checkDay(asOf: string): number {
  const last = dateOf(schoolYear(CURRENT_YEAR).lastDay);
  const real = /^\d{4}-\d{2}-\d{2}$/.test(asOf) && Number.isFinite(dayOf(asOf)) && dateOf(dayOf(asOf)) === asOf;
  if (!real || asOf < FIRST_AS_OF || asOf > last) {
    throw new CairnError("BAD_INPUT", `expected a day of export from ${FIRST_AS_OF} to ${last}, got "${asOf}"`, {
      hint: "write the day as 2025-12-12",
    });
  }
  return dayOf(asOf);
}

function stopIfAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new CairnError("CANCELLED", "expected to finish the district, got a request to stop");
}

async function pack(folder: string, { signal, onProgress }: DistrictOptions): Promise<void> {
  onProgress?.("synthetic district: zip", 0);
  try {
    await zipOneRoster(folder, signal);
  } catch (error) {
    await rm(join(folder, WAITING_FOLDER), { recursive: true, force: true });
    stopIfAsked(signal);
    throw error;
  }
  onProgress?.("synthetic district: zip", 1);
}

function writeManifest(out: ExportRows, districtCode: string): void {
  const { manifest } = out.roster;
  const rows: [string, string][] = [
    ["manifest.version", "1.0"],
    ["oneroster.version", "1.2"],
    ...manifestFiles.map((file): [string, string] => [`file.${file}`, file in oneRosterColumns ? "bulk" : "absent"]),
    ["source.systemName", "Synthetic student information system"],
    ["source.systemCode", `synthetic-${districtCode}`],
  ];
  for (const row of rows) manifest.row(row);
}
