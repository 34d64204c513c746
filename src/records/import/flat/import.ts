import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";
import { buildPersonMap } from "../core/people.ts";
import { readRows } from "../core/reader.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { FlatProfile, FlatProfileName } from "./profiles.ts";
import { flatProfiles, studentSystem } from "./profiles.ts";

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
    const stage = await session.stage(profile.target);
    let read = 0;
    await readRows(
      session,
      file,
      profile,
      async (row) => {
        const record = profile.read(row);
        if (row.problem !== undefined) return;
        await stage.add({
          file: file.name,
          line: row.line,
          raw: row.raw,
          id: record.key.map((part) => part.replaceAll("|", "||")).join("|"),
          ...(record.student === undefined ? {} : { person: { system: studentSystem, value: record.student } }),
          modifiedOn: null,
          ownDate: record.ownDate,
          validFrom: record.validFrom ?? null,
          validTo: record.validTo ?? null,
          values: record.values,
        });
      },
      (step, bytes) => {
        read += bytes;
        options.onProgress?.(`reading ${step}`, Math.min(1, read / Math.max(1, file.bytes)));
      },
    );
    await session.merge(profile.target);
  });
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
