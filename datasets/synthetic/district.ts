import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../src/errors.ts";
import { random } from "../../src/numeric/random.ts";
import { dateOf, dayOf, schoolYears } from "./calendar.ts";
import { buildCurriculum } from "./curriculum.ts";
import { type PlantedDirt, plantDirt } from "./dirt.ts";
import { writeDistrictRows, writeSectionRows } from "./district-rows.ts";
import { type ExportFiles, openExport, WAITING_FOLDER } from "./export-files.ts";
import { drawLearner, schoolCount } from "./learner.ts";
import { LifeSimulator } from "./learner-life.ts";
import { manifestFiles } from "./oneroster-columns.ts";
import { zipOneRoster } from "./oneroster-zip.ts";
import { Roster } from "./roster.ts";

/** What to generate. */
export interface DistrictOptions {
  /** Where the files go; created when absent, files of the same names are replaced. */
  readonly folder: string;
  /** Learners over both years, 2 to 1,000,000; about three quarters of them are enrolled in each year. */
  readonly students: number;
  readonly seed: string | number;
  /** The day of the export, 2025-08-22 to 2026-06-05; default 2025-12-12. The files hold nothing the school learned later. */
  readonly asOf?: string;
  /** Adds rows with faults that an importer must report. */
  readonly dirt?: boolean;
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
const LEARNERS_PER_PAUSE = 16;

/**
 * Writes a synthetic district: two school years of real-format files, and the truth about them in `truth/`. The bytes
 * depend on seed, students and asOf only. Memory does not grow with the number of responses.
 * @throws CairnError `BAD_INPUT` for a number of students or a day that is out of range, `CANCELLED` when the signal fires
 *   (files written so far stay, unfinished), `UNREADABLE_FILE` when the folder cannot be written
 */
export async function writeDistrict(options: DistrictOptions): Promise<DistrictSummary> {
  const { folder, students, onProgress } = options;
  const asOf = options.asOf ?? DEFAULT_AS_OF;
  const cutoff = checkOptions(students, asOf);
  const seed = random(options.seed);
  const districtCode = seed
    .derive("district")
    .integer(2 ** 32)
    .toString(16)
    .padStart(8, "0");
  const curriculum = buildCurriculum(seed.derive("curriculum"));
  const schools = schoolCount(students);
  const out = await openExport(folder, cutoff, districtCode, curriculum).catch((cause: unknown) => {
    throw new CairnError("UNREADABLE_FILE", "expected a folder that can be written for the district's files", {
      hint: "check the path, its permissions and the free space",
      cause,
    });
  });
  const roster = new Roster();
  const life = new LifeSimulator(curriculum, out, roster);
  let dirt: readonly PlantedDirt[] = [];
  try {
    writeDistrictRows(out, schools, curriculum);
    for (let index = 0; index < students; index++) {
      life.live(drawLearner(seed, index, students));
      if (index % LEARNERS_PER_PAUSE === LEARNERS_PER_PAUSE - 1) {
        stopIfAsked(options.signal);
        await flushAll(out);
        onProgress?.("synthetic district: learners", index / students);
      }
    }
    writeSectionRows(out, roster.used(), (section) => life.workOf(section));
    writeManifest(out, districtCode);
    if (options.dirt === true) dirt = await plantDirt(out);
    for (const file of out.all) await file.close();
  } catch (error) {
    for (const file of out.all) await file.abandon().catch(() => undefined);
    await rm(join(folder, WAITING_FOLDER), { recursive: true, force: true });
    throw error;
  }
  onProgress?.("synthetic district: learners", 1);
  await pack(folder, options);
  const zipBytes = (await stat(join(folder, "oneroster.zip"))).size;
  const files = out.all.map(({ name, rows, bytes }) => ({ file: name, rows, bytes }));
  const years = schoolYears.map(({ title }, year) => ({ year: title, enrolled: life.enrolled[year as 0 | 1] }));
  return { folder, students, schools, asOf, years, files, zipBytes, dirt };
}

function checkOptions(students: number, asOf: string): number {
  if (!Number.isInteger(students) || students < 2 || students > MOST_STUDENTS) {
    throw new CairnError("BAD_INPUT", `expected 2 to ${MOST_STUDENTS} students, got ${students}`, {
      hint: "pass a whole number such as 1000",
    });
  }
  const last = dateOf(schoolYears[1].lastDay);
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

async function flushAll(out: ExportFiles): Promise<void> {
  for (const file of out.all) await file.flush();
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

function writeManifest(out: ExportFiles, districtCode: string): void {
  const { manifest } = out.roster;
  const rows: [string, string][] = [
    ["manifest.version", "1.0"],
    ["oneroster.version", "1.2"],
    ...manifestFiles.map((file): [string, string] => [`file.${file}`, file in out.roster ? "bulk" : "absent"]),
    ["source.systemName", "Synthetic student information system"],
    ["source.systemCode", `synthetic-${districtCode}`],
  ];
  for (const row of rows) manifest.row(row);
}
