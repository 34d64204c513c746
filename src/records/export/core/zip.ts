import { createHash } from "node:crypto";
import { once } from "node:events";
import type { WriteStream } from "node:fs";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { CairnError } from "../../../errors.ts";

/** One file of a zip; its text is asked for when its turn has come, so one query at a time runs. */
export interface ZipEntry {
  readonly name: string;
  /** Its contents, in pieces; called once. */
  readonly text: () => AsyncIterable<string>;
}

// The same content gives the same bytes, whenever and wherever it is written.
const entryOptions = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true } as const;

/**
 * Writes a zip whose bytes depend on nothing but its content, one file after the other, and puts it in place when it is whole.
 * @returns its SHA-256, in hexadecimal
 * @throws CairnError `BAD_INPUT` when the place cannot be written to; what the texts throw
 */
export async function writeZip(path: string, entries: readonly ZipEntry[]): Promise<string> {
  const partial = `${path}.part`;
  const out = await openForWriting(partial, path);
  const zip = new ZipFile();
  const feed = new Feed();
  for (const entry of entries) {
    zip.addReadStreamLazy(entry.name, entryOptions, (done) => done(null, feed.open(entry)));
  }
  zip.end();
  try {
    await pipeline(zip.outputStream as Readable, out);
    if (feed.failure !== undefined) throw feed.failure;
    await rename(partial, path);
  } catch (cause) {
    await feed.close();
    await rm(partial, { force: true });
    throw feed.failure ?? unwritable(path, cause);
  }
  return sha256OfFile(path);
}

async function openForWriting(partial: string, path: string): Promise<WriteStream> {
  const out = createWriteStream(partial, { mode: 0o600 }); // children's records: nobody else on the machine may read them
  try {
    await once(out, "open");
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return out;
}

/**
 * The texts as streams. What a text throws ends its stream quietly and is told at the end: yazl waits for the end of every
 * stream it was given, and forever for one that breaks off.
 */
class Feed {
  failure: unknown;
  #current: Readable | undefined;

  open(entry: ZipEntry): Readable {
    this.#current = Readable.from(this.#bytes(entry));
    return this.#current;
  }

  /** Ends the text that is being read, so that a query of its own does not stay open. */
  async close(): Promise<void> {
    const current = this.#current;
    if (current === undefined || current.closed) return;
    current.destroy();
    await once(current, "close");
  }

  async *#bytes(entry: ZipEntry): AsyncGenerator<Buffer> {
    if (this.failure !== undefined) return;
    try {
      for await (const part of entry.text()) yield Buffer.from(part, "utf8");
    } catch (error) {
      this.failure = error;
    }
  }
}

/** The error for a place that cannot be written to. */
export function unwritable(path: string, cause: unknown): CairnError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new CairnError("BAD_INPUT", `expected to write ${path}, got: ${text}`, {
    hint: "check that the folder exists and may be written to",
    cause,
  });
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
