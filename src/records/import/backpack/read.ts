import { createHash } from "node:crypto";
import { basename } from "node:path";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { CairnError } from "../../../errors.ts";
import type { CredentialVerification } from "../../credentials/answers.ts";
import type { JsonObject } from "../../credentials/json.ts";
import { isObject, parseObject } from "../../credentials/json.ts";
import { verifyCredential } from "../../credentials/verify.ts";
import { backpackFiles, backpackFormat } from "../../export/backpack/document.ts";
import { foreignName } from "../../export/backpack/names.ts";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { openArchive, refused } from "../oneroster/archive.ts";

const text = z.string().min(1);
const key = z.string().regex(foreignName);
const row = z.looseObject({
  record_key: key,
  content_hash: text,
  class: z.enum(["certified", "contributed", "derived"]),
  authority: key,
  source_record_id: z.string(),
  known_on: text,
  batch_id: z.string().nullish(),
  received_at: z.string().nullish(),
  retracted_at: z.string().nullish(),
});
const tables = z.record(text, z.array(row));
const batches = z.record(text, z.looseObject({}));
const format = { format: z.literal(backpackFormat.format), version: z.literal(backpackFormat.version) };
const signedRecord = z.object({
  ...format,
  district: z.object({ id: text, name: text }),
  exportedAt: text,
  tables,
  batches,
  profile: z.object({ file: text, sha256: text }),
});
const profilePart = z.object({ ...format, tables, batches });

/** A row as another district sent it. */
export type SentRow = z.infer<typeof row>;

/** A Backpack that was read and is as it was signed (or unsigned, which `verification` says). */
export interface SentBackpack {
  readonly verification: CredentialVerification;
  readonly district: { readonly id: string; readonly name: string };
  /** Hashes of the signed document, for the provenance of what comes out of it. */
  readonly sha256: string;
  readonly certified: Readonly<Record<string, readonly SentRow[]>>;
  /** What is not certified; undefined when the file did not come along. */
  readonly profile: Readonly<Record<string, readonly SentRow[]>> | undefined;
  readonly batches: Readonly<Record<string, JsonObject>>;
}

const limits = { entries: 2_000, bytes: 2 ** 28, ratio: 300 }; // a learner's whole school life is some ten megabytes

/**
 * Reads a Backpack (the zip, its folder, or `backpack.json` alone) and checks that it is whole: a signature that does not fit, a
 * second file that is not the one the signature names, or rows of no known form are refused, and nothing of it is taken.
 * @throws CairnError `UNREADABLE_FILE` when there is no Backpack, `BAD_INPUT` when it was changed or is malformed
 */
export async function readBackpack(path: string, now: Date): Promise<SentBackpack> {
  const files = await readFiles(path);
  const recordBytes = files.get(backpackFiles.record);
  const document = recordBytes === undefined ? undefined : parseObject(recordBytes.toString("utf8"));
  if (recordBytes === undefined || document === undefined) {
    throw new CairnError("UNREADABLE_FILE", `expected a Backpack with ${backpackFiles.record}, got none in it`, {
      hint: "give the zip as the other district made it, its folder, or backpack.json alone",
    });
  }
  const verification = await verifyCredential(document, { now });
  for (const [name, answer] of Object.entries({
    signature: verification.signature,
    identity: verification.identity,
    form: verification.schema,
  })) {
    if (answer.outcome === "failed") throw changed(`its ${name} fails: ${answer.reason}`);
  }
  const signed = parsed(signedRecord, literal(document), backpackFiles.record);
  const profileBytes = files.get(backpackFiles.profile);
  if (profileBytes !== undefined && sha256(profileBytes) !== signed.profile.sha256)
    throw changed(`${backpackFiles.profile} is not the file the signature names`);
  const profile =
    profileBytes === undefined
      ? undefined
      : parsed(profilePart, parseObject(profileBytes.toString("utf8")), backpackFiles.profile);
  return {
    verification,
    district: signed.district,
    sha256: sha256(recordBytes),
    certified: signed.tables,
    profile: profile?.tables,
    batches: { ...signed.batches, ...profile?.batches },
  };
}

function literal(document: JsonObject): unknown {
  return isObject(document.credentialSubject) ? document.credentialSubject.learnerRecord : undefined;
}

async function readFiles(path: string): Promise<ReadonlyMap<string, Buffer>> {
  if (/\.json$/i.test(path)) {
    return new Map([[backpackFiles.record, await whole(await diskFile(path))]]);
  }
  const archive = await openArchive(path, {
    expected: "a Backpack",
    accepts: (name) => [backpackFiles.record, backpackFiles.profile].some((wanted) => wanted === basename(name)),
    limits,
  });
  try {
    const files = new Map<string, Buffer>();
    for (const file of archive.files) {
      const name = basename(file.name);
      if (files.has(name)) throw changed(`it holds ${name} twice`);
      files.set(name, await whole(file));
    }
    return files;
  } finally {
    archive.close();
  }
}

/** A file in memory: never more of it than a Backpack may be, also where it lies in a folder or by itself. */
async function whole(file: SourceFile): Promise<Buffer> {
  if (file.bytes > limits.bytes) throw refused(`files of at most ${limits.bytes} bytes`, `one of ${file.bytes}`);
  try {
    return await buffer(await file.open());
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [fault] = outcome.error.issues;
  // The path says where; what stands there may be somebody's name.
  throw new CairnError(
    "BAD_INPUT",
    `expected the record of a Backpack in ${file}, got another form at ${fault!.path.join(".") || "the top"}`,
    {
      hint: "a learner record of another maker is read with `cairn import credentials`",
    },
  );
}

function changed(how: string): CairnError {
  return new CairnError("BAD_INPUT", `expected a Backpack as it was signed, got one that was changed: ${how}`, {
    hint: "nothing of it was taken: ask the sending district for it again",
  });
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
