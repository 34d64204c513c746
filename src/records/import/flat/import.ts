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
import type { FlatProfile, FlatRecord } from "./profile.ts";
import { naturalKey, studentSystem } from "./profile.ts";
import type { FlatProfileName } from "./profiles.ts";
import { flatProfiles } from "./profiles.ts";

/** How a flat file is imported. */
export interface FlatImportOptions extends ImportOptions {
  /** The column profile that reads the file. */
  readonly profile: FlatProfileName | (string & {});
}

/**
 * Imports a flat CSV file by a column profile. Students are found by their district, state or local number; rows of students
 * the record does not know are refused and kept. What is not in the file stays as it is.
 * @throws CairnError `BAD_INPUT` for an unknown profile, `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importFlat(database: Database, options: FlatImportOptions): Promise<ImportReport> {
  const profile = findProfile(options.profile);
  const file = await diskFile(options.path);
  const sourceSystem = options.source ?? {};
  const delivery = {
    source: sourceSystem.systemCode ?? sourceSystem.systemName ?? "flat",
    sourceSystem,
    standard: `flat CSV ${options.profile}`,
    standardVersion: "1",
    sha256: await fingerprint([file]),
  };
  return runImport(database, options, delivery, async (session) => {
    await buildPersonMap(session);
    const taker = new RecordTaker(session, profile);
    await taker.open();
    let read = 0;
    await readRows(
      session,
      file,
      profile,
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

  constructor(session: ImportSession, profile: FlatProfile) {
    this.#session = session;
    this.#profile = profile;
    this.#context = {
      receivedOn: session.receivedOn,
      recordKey: (key) => `${session.source}:${naturalKey(key)}`,
    };
  }

  /** Makes the stages. A table without a person is a definition beside the rows; it stands for none of them. */
  async open(): Promise<void> {
    for (const target of this.#profile.targets ?? [this.#profile.target])
      await this.#session.stage(target, { secondary: this.#isDefinition(target) });
  }

  #isDefinition(target: Target): boolean {
    return target !== this.#profile.target && target.person === undefined;
  }

  async take(file: string, row: Row): Promise<void> {
    const records = this.#profile.read(row, this.#context);
    if (row.problem !== undefined) return;
    for (const record of Array.isArray(records) ? records : [records as FlatRecord])
      await this.#stage(file, row, record);
  }

  async #stage(file: string, row: Row, record: FlatRecord): Promise<void> {
    const target = record.target ?? this.#profile.target;
    const id = naturalKey(record.key);
    if (this.#isDefinition(target)) {
      if (this.#defined.has(`${target.table}\u0000${id}`)) return;
      this.#defined.add(`${target.table}\u0000${id}`);
    }
    const stage = await this.#session.stage(target);
    await stage.add({
      file,
      line: row.line,
      raw: row.raw,
      id,
      ...(record.student === undefined ? {} : { person: { system: studentSystem, value: record.student } }),
      modifiedOn: null,
      ownDate: record.ownDate,
      validFrom: record.validFrom ?? null,
      validTo: record.validTo ?? null,
      values: record.values,
    });
  }
}

function findProfile(name: string): FlatProfile {
  if (Object.hasOwn(flatProfiles, name)) return flatProfiles[name as FlatProfileName];
  throw new CairnError(
    "BAD_INPUT",
    `expected one of the profiles ${Object.keys(flatProfiles).join(", ")}; got ${JSON.stringify(name)}`,
    {
      hint: "the profile says which column is which field",
    },
  );
}
