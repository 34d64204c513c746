import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";
import { buildPersonMap } from "../core/people.ts";
import { readRows } from "../core/reader.ts";
import type { ImportReport } from "../core/report.ts";
import type { Row } from "../core/row.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { Target } from "../core/targets.ts";
import { readDate } from "../core/values.ts";
import type { ColumnProfile } from "./column-profile.ts";
import { compileProfile } from "./compile-profile.ts";
import type { FlatProfile, FlatRecord } from "./profile.ts";
import { naturalKey, studentSystem } from "./profile.ts";
import type { FlatProfileName } from "./profiles.ts";
import { flatProfiles } from "./profiles.ts";
import { vendorProfiles } from "./vendors/index.ts";

/** How a flat file is imported. */
export interface FlatImportOptions extends ImportOptions {
  /** The profile that reads the file: by name, or a column profile of the district's own. */
  readonly profile: FlatProfileName | (string & {}) | ColumnProfile;
  /** The day the file speaks of (YYYY-MM-DD), for profiles of files that do not say it. */
  readonly date?: string;
  /** The rows were written anew as plain CSV with a header, however the file they came in was made. */
  readonly rewritten?: boolean;
}

/**
 * Imports a flat CSV file by a column profile. Students are found by their district, state or local number; rows of students
 * the record does not know are refused and kept. What is not in the file stays as it is.
 * @throws CairnError `BAD_INPUT` for an unknown profile, `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importFlat(database: Database, options: FlatImportOptions): Promise<ImportReport> {
  const found = findProfile(options.profile);
  const { blanks = [] } = found.format ?? {};
  const profile = options.rewritten === true ? { ...found, format: { blanks } } : found;
  if (profile.needsDate === true && options.date === undefined) {
    throw new CairnError("BAD_INPUT", "expected the day the file speaks of, got none: its rows do not say it", {
      hint: "give it: --date YYYY-MM-DD, the day of the test or of the marks",
    });
  }
  if (options.date !== undefined && readDate(options.date, "unknown").date !== options.date) {
    throw new CairnError("BAD_INPUT", `expected a day as YYYY-MM-DD, got ${JSON.stringify(options.date.slice(0, 40))}`);
  }
  const label = profile.label ?? `${String(options.profile)}@1`;
  const file = await diskFile(options.path);
  const sourceSystem = options.source ?? {};
  const delivery = {
    // A vendor's file is a source of its own; cairn's own flat files are one.
    source: sourceSystem.systemCode ?? sourceSystem.systemName ?? profile.label?.replace(/@.*$/, "") ?? "flat",
    sourceSystem,
    standard: `flat CSV ${label.replace(/@.*$/, "")}`,
    standardVersion: label.replace(/^.*@/, ""),
    sha256: await fingerprint([file]),
  };
  return runImport(database, options, delivery, async (session) => {
    await buildPersonMap(session);
    session.useProfile(label);
    const taker = new RecordTaker(session, profile, options.date);
    for (const target of profile.targets ?? [profile.target]) await session.stage(target);
    let read = 0;
    await readRows(
      session,
      file,
      { ...profile, profile: label },
      (row) => taker.take(file.name, row),
      (step, bytes) => {
        read += bytes;
        options.onProgress?.(`reading ${step}`, Math.min(1, read / Math.max(1, file.bytes)));
      },
    );
    for (const target of profile.targets ?? [profile.target]) await session.merge(target);
  });
}

/** Stages the records of rows, each in the stage of its table. */
class RecordTaker {
  readonly #session: ImportSession;
  readonly #profile: FlatProfile;
  readonly #context: Parameters<FlatProfile["read"]>[1];
  /** Definitions that many rows repeat, such as the test of a result: staged once. */
  readonly #defined = new Set<string>();

  constructor(session: ImportSession, profile: FlatProfile, date: string | undefined) {
    this.#session = session;
    this.#profile = profile;
    this.#context = {
      receivedOn: session.receivedOn,
      date,
      recordKey: (key) => `${session.source}:${naturalKey(key)}`,
    };
  }

  /** Stages what a row says; the first record that is no definition stands for the row. */
  async take(file: string, row: Row): Promise<void> {
    const read = this.#profile.read(row, this.#context);
    if (row.problem !== undefined) return;
    const records = Array.isArray(read) ? (read as readonly FlatRecord[]) : [read as FlatRecord];
    let counts = true;
    for (const record of records) {
      const target = record.target ?? this.#profile.target;
      const id = naturalKey(record.key);
      if (record.definition === true && this.#isKnown(target, id)) continue;
      await this.#stage(file, row, target, id, record, counts && record.definition !== true);
      if (record.definition !== true) counts = false;
    }
    if (!counts) return;
    row.lenient("rows with nothing in them that this profile reads");
    this.#session.report.counts(file).unchanged += 1;
  }

  #isKnown(target: Target, id: string): boolean {
    const key = `${target.table}\u0000${id}`;
    if (this.#defined.has(key)) return true;
    this.#defined.add(key);
    return false;
  }

  async #stage(file: string, row: Row, target: Target, id: string, record: FlatRecord, counts: boolean): Promise<void> {
    const stage = await this.#session.stage(target);
    await stage.add({
      file,
      line: row.line,
      raw: row.raw,
      id,
      counts,
      ...(record.student === undefined ? {} : { person: { system: studentSystem, value: record.student } }),
      modifiedOn: null,
      ownDate: record.ownDate,
      validFrom: record.validFrom ?? null,
      validTo: record.validTo ?? null,
      values: record.values,
    });
  }
}

/**
 * The profile of a name, or a column profile made ready.
 * @throws CairnError `BAD_INPUT` for a name that no profile has
 */
export function findProfile(profile: string | ColumnProfile): FlatProfile {
  if (typeof profile !== "string") return compileProfile(profile);
  if (Object.hasOwn(flatProfiles, profile)) return flatProfiles[profile as FlatProfileName];
  const vendors = vendorProfiles.find(({ name }) => name === profile);
  if (vendors !== undefined) return compileProfile(vendors);
  const names = [...Object.keys(flatProfiles), ...vendorProfiles.map(({ name }) => name)];
  throw new CairnError(
    "BAD_INPUT",
    `expected one of the profiles ${names.join(", ")}; got ${JSON.stringify(profile)}`,
    { hint: "the profile says which column is which field; a district's own is a JSON file, see docs/import.md" },
  );
}
