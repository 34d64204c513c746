import { rm } from "node:fs/promises";
import { CairnError } from "../../../errors.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { Release, ReleasedLearner } from "../../disclosure/release.ts";
import { logRelease, showReleased } from "../../disclosure/release.ts";
import type { ReportProgress } from "../../progress.ts";
import { csvLine, guardedCell, isFormula } from "../core/csv.ts";
import type { ZipEntry } from "../core/zip.ts";
import { writeZip } from "../core/zip.ts";
import type { RosterFile } from "./columns.ts";
import { rosterColumns } from "./columns.ts";
import { currentRecords } from "./current.ts";
import { fileQueries } from "./queries.ts";

/** What is written where. */
export interface RosterExportOptions {
  readonly tenantId: string;
  /** The zip to write. */
  readonly path: string;
  /** Who gets it and why: no package leaves without its lines in the record of disclosures. */
  readonly release: Release;
  /** The source whose ids are kept as they are; the one with the most people unless said otherwise. */
  readonly source?: string;
  /**
   * For people who will open the files in a spreadsheet: cells it would run are disarmed, and so are no longer the values.
   * Never for another system.
   */
  readonly forSpreadsheets?: boolean;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface RosterExport {
  readonly sha256: string;
  /** The code of the source whose ids the package uses. */
  readonly source: string;
  readonly files: readonly RosterFileCount[];
  /** Cells a spreadsheet would run as formulas; disarmed when the package is meant for one. */
  readonly formulaCells: number;
  /** Learners the package tells of, each with a line in her record of disclosures. */
  readonly learners: number;
  /** Learners left out because their families said no, or did not say yes where it needs a yes. */
  readonly leftOut: number;
}

/** One file of the package. */
export interface RosterFileCount {
  readonly file: string;
  readonly rows: number;
  /** Current records the strict standard has no way to tell, such as a class without a course. */
  readonly leftOut: number;
}

// Without these no reader can run; the others are left away when they would be empty.
const always: ReadonlySet<RosterFile> = new Set([
  "academicSessions",
  "classes",
  "courses",
  "enrollments",
  "orgs",
  "roles",
  "users",
]);

/**
 * Writes a district's roster and gradebook as a OneRoster CSV package, 1.2.1, bulk: all 21 files of the standard in the order
 * of its columns, of current records that are not taken back, rows in the order of their ids. The same records give the same
 * bytes. Values are written as they are (see {@link csvLine}); passwords are not in the record and never in the package.
 *
 * Who is in it follows from the release ({@link showReleased}); each learner in it, and each left out, has a line in the record of
 * disclosures, written in the same transaction.
 *
 * What the record does not keep is not told: middle names, telephone numbers, rooms, periods, the place of birth.
 * @throws CairnError `BAD_INPUT` when the place cannot be written to or nobody is named who gets it, `FORBIDDEN` as
 * {@link showReleased}, `CANCELLED`
 */
export function exportOneRoster(database: Database, options: RosterExportOptions): Promise<RosterExport> {
  return inTenant(database, options.tenantId, (tx) => writePackage(tx, options), { consistent: true });
}

async function writePackage(tx: TenantTransaction, options: RosterExportOptions): Promise<RosterExport> {
  const { onProgress = () => undefined } = options;
  onProgress("gathering current records", 0);
  const release = await showReleased(tx, options.release);
  const source = options.source ?? (await usualSource(tx));
  await tx.sql.unsafe(currentRecords(source));
  onProgress("gathering current records", 1);
  const counts: RosterFileCount[] = [];
  for (const name of fileNames) counts.push(await countFile(tx, name));
  const present = fileNames.filter((name, i) => counts[i]!.rows > 0 || always.has(name));
  const writer = new PackageWriter(tx, options, counts);
  const entries: ZipEntry[] = [
    { name: "manifest.csv", text: () => manifest(present, source) },
    ...present.map((name) => ({ name: `${name}.csv`, text: () => writer.file(name) })),
  ];
  const sha256 = await writeZip(options.path, entries);
  try {
    const { disclosed, leftOut } = await logRelease(tx, release, await learnersTold(tx), `OneRoster ${sha256}`);
    onProgress("writing the package", 1);
    return { sha256, source, files: counts, formulaCells: writer.formulaCells, learners: disclosed, leftOut };
  } catch (cause) {
    await rm(options.path, { force: true }); // what is not written down does not leave
    throw cause;
  }
}

/**
 * The learners the package tells of, with the kinds of data it holds of each. Who has no role in it at all counts as one: a line
 * too many harms nobody.
 */
async function learnersTold(tx: TenantTransaction): Promise<ReleasedLearner[]> {
  return tx.sql<ReleasedLearner[]>`
    with learner as (
      select person_id from x_user u where not exists (select 1 from x_person_role r where r.person_id = u.person_id)
        and not exists (select 1 from x_guardianship g where g.guardian_id = u.person_id)
      union select person_id from x_person_role where role = 'student'
      union select person_id from x_section_enrolment where role = 'student'
      union select person_id from x_mark
    )
    select person_id as "personId", array_agg(distinct data_class order by data_class) as "dataClasses" from (
      select person_id, 'identity' as data_class from x_user
      union all select person_id, 'demographics' from x_demographics
      union all select person_id, 'family' from x_guardianship
      union all select person_id, 'enrolment' from x_section_enrolment
      union all select person_id, 'grades' from x_mark
    ) told where person_id in (select person_id from learner) and person_id in (select person_id from x_user)
    group by person_id order by person_id`;
}

const fileNames = (Object.keys(rosterColumns) as RosterFile[]).sort();

/** The source with the most people: its ids are the ones other systems know. */
async function usualSource(tx: TenantTransaction): Promise<string> {
  const [found] = await tx.sql<{ source: string }[]>`
    select left(record_key, length(record_key) - length(source_record_id) - 1) as source from person
    group by 1 order by count(distinct record_key) desc, 1 limit 1`;
  return found?.source ?? "cairn";
}

async function countFile(tx: TenantTransaction, name: RosterFile): Promise<RosterFileCount> {
  const { from, records } = fileQueries[name];
  const [counted] = await tx.sql.unsafe<{ rows: number; records: number | null }[]>(
    `select (select count(*)::int from ${from}) as rows,
      ${records === undefined ? "null::int" : `(select count(*)::int from ${records})`} as records`,
  );
  const { rows, records: all } = counted!;
  return { file: `${name}.csv`, rows, leftOut: all === null ? 0 : Math.max(0, all - rows) };
}

async function* manifest(present: readonly RosterFile[], source: string): AsyncGenerator<string> {
  yield csvLine(["propertyName", "value"]);
  yield csvLine(["manifest.version", "1.0"]);
  yield csvLine(["oneroster.version", "1.2"]);
  for (const name of fileNames) yield csvLine([`file.${name}`, present.includes(name) ? "bulk" : "absent"]);
  yield csvLine(["source.systemName", "cairn"]);
  yield csvLine(["source.systemCode", source]);
}

const batch = 2_000; // rows a round trip: a few hundred kilobytes

/** Writes the files one after the other, with progress by rows. */
class PackageWriter {
  formulaCells = 0;
  readonly #tx: TenantTransaction;
  readonly #options: RosterExportOptions;
  readonly #total: number;
  #written = 0;

  constructor(tx: TenantTransaction, options: RosterExportOptions, counts: readonly RosterFileCount[]) {
    this.#tx = tx;
    this.#options = options;
    this.#total = counts.reduce((sum, { rows }) => sum + rows, 1);
  }

  /** The lines of a file. */
  async *file(name: RosterFile): AsyncGenerator<string> {
    const { cells, from, extensions = {} } = fileQueries[name];
    const columns = rosterColumns[name];
    const told = await this.#filled(from, extensions);
    const sql = [
      "c.id",
      "null", // status and dateLastModified are empty in a bulk file
      "null",
      ...columns.map((column) => cells[column] ?? "null"),
      ...told.map(([, expression]) => expression),
    ];
    yield csvLine(["sourcedId", "status", "dateLastModified", ...columns, ...told.map(([column]) => column)]);
    const query = `select json_build_array(${sql.map((cell) => `(${cell})::text`).join(", ")}) as cells from ${from} order by c.id collate "C"`;
    for await (const rows of this.#tx.sql.unsafe<{ cells: (string | null)[] }[]>(query).cursor(batch)) {
      if (this.#options.signal?.aborted === true)
        throw new CairnError("CANCELLED", "the export was asked to stop; no package was written");
      yield rows.map((row) => csvLine(row.cells.map((cell) => this.#cell(cell)))).join("");
      this.#written += rows.length;
      this.#options.onProgress?.("writing the package", Math.min(0.99, this.#written / this.#total));
    }
  }

  /** The extension columns in which some row says something. */
  async #filled(from: string, extensions: Readonly<Record<string, string>>): Promise<[string, string][]> {
    const filled: [string, string][] = [];
    for (const [column, expression] of Object.entries(extensions)) {
      const [found] = await this.#tx.sql.unsafe<{ some: boolean }[]>(
        `select coalesce(bool_or(said is not null), false) as some from (select ${expression} as said from ${from}) cells`,
      );
      if (found!.some) filled.push([column, expression]);
    }
    return filled;
  }

  #cell(cell: string | null): string | null {
    if (cell === null || !isFormula(cell)) return cell;
    this.formulaCells += 1;
    return this.#options.forSpreadsheets === true ? guardedCell(cell) : cell;
  }
}
