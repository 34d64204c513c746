import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
import { S3Client } from "@bradenmacdonald/s3-lite-client";
import { CairnError } from "../../errors.ts";

/** Where a store is, and the key that opens it. */
export interface S3Settings {
  readonly bucket: string;
  /** What every name begins with, without slashes at its ends; empty: the bucket is cairn's alone. */
  readonly prefix: string;
  /** The address of the service, such as `https://s3.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that hold for some hours only. */
  readonly sessionToken?: string;
}

/** A store of immutable files by name. A name is there whole or not at all. */
export interface ObjectStore {
  /** @throws CairnError `BAD_CONFIGURATION` when the bucket or the key is wrong, `UNAVAILABLE` when the service does not answer */
  check(): Promise<void>;
  /** Whether there is a file of that name. */
  has(name: string): Promise<boolean>;
  /** Sends a file; it is seen once all of it has arrived. One that is there stays: names name content. */
  put(name: string, path: string): Promise<void>;
  /**
   * Brings a file: beside, checked against the hash it was sent with, then renamed. @returns whether there was one
   * @throws CairnError `ARTIFACT_CORRUPT` when other bytes arrived than were sent
   */
  get(name: string, path: string): Promise<boolean>;
  /** Takes a file out; one that is not there is out already. */
  remove(name: string): Promise<void>;
}

const HASH = "x-amz-meta-sha256";

/** A store in a bucket of Amazon S3, or of a service that speaks as it does (MinIO, Ceph, Garage, R2). */
export function openS3(settings: S3Settings): ObjectStore {
  const { bucket, prefix, endpoint, region, accessKeyId, secretAccessKey, sessionToken } = settings;
  const client = new S3Client({
    endPoint: endpoint,
    region,
    bucket,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const keyOf = (name: string): string => (prefix === "" ? name : `${prefix}/${name}`);
  const asked = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw explained(cause, bucket);
    });
  const has = (name: string): Promise<boolean> => asked(absentAs(false, client.exists(keyOf(name))));
  return {
    check: async () => {
      // Listing says in words what is wrong; a HEAD has no body to say it in.
      for await (const _ of listed(client, keyOf(""), bucket)) return;
    },
    has,
    put: async (name, path) => {
      if (await has(name)) return;
      const { size } = await stat(path);
      const metadata = { [HASH]: await hashOf(path) } as const;
      const stream = Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>;
      await asked(client.putObject(keyOf(name), stream, { size, metadata }));
    },
    get: async (name, path) => {
      const response = await asked(absentAs(null, client.getObject(keyOf(name))));
      if (response === null) return false;
      await land(response, name, path);
      return true;
    },
    remove: async (name) => {
      await asked(absentAs(null, client.deleteObject(keyOf(name))));
    },
  };
}

async function* listed(client: S3Client, prefix: string, bucket: string): AsyncGenerator<unknown> {
  try {
    yield* client.listObjects({ prefix, maxResults: 1 });
  } catch (cause) {
    throw explained(cause, bucket);
  }
}

/** What is not there is an answer and no fault; a bucket that is not there is one. */
async function absentAs<T, Absent>(absent: Absent, work: Promise<T>): Promise<T | Absent> {
  try {
    return await work;
  } catch (error) {
    const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
    if (statusCode === 404 && code !== "NoSuchBucket") return absent;
    throw error;
  }
}

async function land(response: Response, name: string, path: string): Promise<void> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Uint8Array, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const beside = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.fromWeb(response.body as unknown as WebStream), hashing, createWriteStream(beside));
    const sent = response.headers.get(HASH);
    if (sent !== null && sent !== hash.digest("hex")) {
      throw new CairnError("ARTIFACT_CORRUPT", `expected ${name} of the store as it was sent, got other bytes`, {
        hint: "take it out of the bucket, and make it again where it came from",
      });
    }
    await rename(beside, path);
  } catch (error) {
    throw localFault(error);
  } finally {
    await rm(beside, { force: true });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest("hex");
}

function localFault(error: unknown): unknown {
  if (error instanceof CairnError) return error;
  const { code } = error as { code?: string };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new CairnError("UNAVAILABLE", "expected room in CAIRN_HOME for a file of the store, got a full disk", {
      hint: "make room: snapshots, matrices and artifacts in CAIRN_HOME are copies and may be deleted",
      cause: error,
    });
  }
  return new CairnError("UNAVAILABLE", "expected the whole of a file of the store, got a broken transfer", {
    hint: "it is tried again by itself in a batch; else ask again",
    cause: error,
  });
}

const wrongKey = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"]);
const full = new Set(["InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "ServiceQuotaExceededException"]);

/** What the service said, in cairn's words; never a key, never the address of a request with its signature. */
function explained(cause: unknown, bucket: string): CairnError {
  if (cause instanceof CairnError) return cause;
  const { statusCode: status, code = "" } = cause as { statusCode?: number; code?: string };
  const refuse = (errorCode: "BAD_CONFIGURATION" | "UNAVAILABLE", message: string, hint: string): CairnError =>
    new CairnError(errorCode, message, { hint, cause, details: { code } });
  if (code === "NoSuchBucket") {
    const hint = "make it, or name another in CAIRN_STORE";
    return refuse("BAD_CONFIGURATION", `expected the bucket ${bucket} of CAIRN_STORE, got none of that name`, hint);
  }
  if (wrongKey.has(code)) {
    const hint = "check CAIRN_STORE_ACCESS_KEY_ID, CAIRN_STORE_SECRET_ACCESS_KEY and CAIRN_STORE_SESSION_TOKEN";
    return refuse("BAD_CONFIGURATION", `expected a key that the store knows, got ${code}`, hint);
  }
  if (code === "AuthorizationHeaderMalformed" || code === "UnexpectedRedirect") {
    const hint = "check CAIRN_STORE_REGION and CAIRN_STORE_ENDPOINT";
    return refuse("BAD_CONFIGURATION", `expected the region of the bucket ${bucket}, got another`, hint);
  }
  if (status === 507 || full.has(code)) {
    return refuse("UNAVAILABLE", `expected room in the bucket ${bucket}, got ${code || status}`, "make room there");
  }
  if (status === 403 || status === 401) {
    const hint = "let the key list, read, write and delete under the prefix of CAIRN_STORE";
    return refuse("BAD_CONFIGURATION", `expected a key that may use the bucket ${bucket}, got ${code || status}`, hint);
  }
  const hint = "check CAIRN_STORE_ENDPOINT and that this machine reaches it";
  return refuse("UNAVAILABLE", `expected the store to answer, got ${code || (status ?? "nothing")}`, hint);
}
