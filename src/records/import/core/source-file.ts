import { Readable } from "node:stream";
import { CairnError } from "../../../errors.ts";

/** A file of a delivery that can be opened more than once. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  /** A new stream of the file from its beginning. */
  open(): Promise<Readable>;
}

/** The error for a file that cannot be read to its end. */
export function unreadable(file: string, cause: unknown): CairnError {
  if (cause instanceof CairnError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new CairnError("UNREADABLE_FILE", `expected to read ${file} to its end, got: ${text}`, {
    hint: "check that the file is complete; nothing of this delivery was imported",
    details: { file },
    cause,
  });
}

/** A source file that is already in memory: for tests and for text that was sent in a request. */
export function textFile(name: string, content: string | Buffer): SourceFile {
  const buffer = Buffer.from(content as string);
  return { name, bytes: buffer.length, open: async () => Readable.from([buffer]) };
}
