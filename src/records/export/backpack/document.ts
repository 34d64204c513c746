import { createHash } from "node:crypto";
import type { Issuer } from "../../credentials/issue.ts";
import { issueRecord, uuidOf } from "../../credentials/issue.ts";
import type { JsonObject } from "../../credentials/json.ts";
import type { ReportProgress } from "../../progress.ts";
import { recordCredentials } from "./achievements.ts";
import type { Batches, LearnerRecord } from "./gather.ts";
import type { RecordRow } from "./names.ts";
import { outwardRow } from "./names.ts";
import { travellingTables } from "./tables.ts";

/** The names of the files a Backpack is made of. */
export const backpackFiles = { record: "backpack.json", profile: "profile.json" } as const;

/** The kind and version of the record inside the signed document; another version is another meaning. */
export const backpackFormat = { format: "cairn-backpack", version: 1 } as const;

/** Rows by table, as they go to another district. */
export type TravellingRows = Readonly<Record<string, readonly RecordRow[]>>;

/** The record as it stands in the signed document. */
export interface SignedRecord {
  readonly format: string;
  readonly version: number;
  /** The district's DID for good, and its name. */
  readonly district: { readonly id: string; readonly name: string };
  readonly exportedAt: string;
  /** Certified rows, and whatever was said beside them. */
  readonly tables: TravellingRows;
  /** Where the rows came from, by batch id. */
  readonly batches: Batches;
  /** The rest of the record lies beside: it is not certified, but the signature says which file it is. */
  readonly profile: { readonly file: string; readonly sha256: string };
}

/** A Backpack ready to be written. */
export interface BackpackDocument {
  /** The signed CLR 2.0. */
  readonly record: JsonObject;
  /** What nobody certifies: contributed and derived rows, by table. */
  readonly profile: string;
  readonly certifiedRows: number;
  readonly otherRows: number;
  readonly credentials: number;
}

/**
 * The signed Backpack of a learner: certified records (with their annotations, so that a dispute travels with what it is
 * about) in a CLR 2.0, everything else in a second file whose hash the signature covers.
 */
export async function backpackDocument(
  issuer: Issuer,
  record: LearnerRecord,
  now: Date,
  onProgress?: ReportProgress,
): Promise<BackpackDocument> {
  const certified: Record<string, RecordRow[]> = {};
  const others: Record<string, RecordRow[]> = {};
  for (const { name } of travellingTables) {
    for (const row of record.rows.get(name) ?? []) {
      const { person_id: _, ...outward } = outwardRow(issuer.keys.district, name, row);
      const into = row.class === "certified" || name === "annotation" ? certified : others;
      into[name] ??= [];
      into[name].push(outward);
    }
  }
  const profile = `${JSON.stringify({ ...backpackFormat, tables: others, batches: batchesOf(others, record.batches) }, null, 1)}\n`;
  // Two persons that were linked are one learner: the subject is named by the first of her ids, and by none of her names.
  const subject = uuidOf(issuer.keys.district, "learner", record.personIds[0]!);
  const credentials = await recordCredentials(issuer, subject, record.rows, now, onProgress);
  const signed: SignedRecord = {
    ...backpackFormat,
    district: { id: issuer.keys.district, name: issuer.name },
    exportedAt: now.toISOString(),
    tables: certified,
    batches: batchesOf(certified, record.batches),
    profile: { file: backpackFiles.profile, sha256: createHash("sha256").update(profile).digest("hex") },
  };
  return {
    record: await issueRecord(issuer, subject, { credentials, record: { ...signed } }, now),
    profile,
    certifiedRows: count(certified),
    otherRows: count(others),
    credentials: credentials.length,
  };
}

function count(tables: TravellingRows): number {
  return Object.values(tables).reduce((sum, rows) => sum + rows.length, 0);
}

function batchesOf(tables: TravellingRows, batches: Batches): Batches {
  const used = new Set(Object.values(tables).flatMap((rows) => rows.map((row) => row.batch_id)));
  return Object.fromEntries(Object.entries(batches).filter(([id]) => used.has(id)));
}
