import { Readable } from "node:stream";
import type { SourceFile } from "./source-file.ts";
import { unreadable } from "./source-file.ts";
import type { TableFormat } from "./table-format.ts";

/** The encodings a file of rows may have. */
export type Encoding = NonNullable<TableFormat["encoding"]>;

const sampleBytes = 4096; // enough of a header to tell two-byte letters from one-byte ones

/** The encoding of a file: by its mark, else UTF-16 where every other byte is zero, else UTF-8. */
export async function encodingOf(file: SourceFile): Promise<Encoding> {
  const sample = await firstBytes(file);
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  const zeros = { even: 0, odd: 0 };
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i % 2 === 0 ? "even" : "odd"] += 1;
  const many = sample.length * 0.3; // of Latin text, half the bytes of UTF-16 are zero, all on one side
  if (zeros.odd > many && zeros.even < zeros.odd / 10) return "utf-16le";
  return zeros.even > many && zeros.odd < zeros.even / 10 ? "utf-16be" : "utf-8";
}

/** The file from its beginning as UTF-8 bytes; `onBytes` is told the bytes as they lie in the file. */
export async function openAsUtf8(
  file: SourceFile,
  encoding: Encoding,
  onBytes?: (bytes: number) => void,
): Promise<Readable> {
  const source = await file.open();
  return Readable.from(recoded(source, encoding, onBytes), { objectMode: false });
}

async function* recoded(
  source: Readable,
  encoding: Encoding,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  const decoder = encoding === "utf-8" ? undefined : new TextDecoder(encoding);
  for await (const chunk of source) {
    const bytes = chunk as Buffer;
    onBytes?.(bytes.length);
    if (decoder === undefined) yield bytes;
    else {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== "") yield Buffer.from(text);
    }
  }
  const rest = decoder?.decode() ?? "";
  if (rest !== "") yield Buffer.from(rest);
}

async function firstBytes(file: SourceFile): Promise<Buffer> {
  const stream = await file.open();
  try {
    let sample = Buffer.alloc(0);
    for await (const chunk of stream) {
      sample = Buffer.concat([sample, chunk as Buffer]);
      if (sample.length >= sampleBytes) break;
    }
    return sample.subarray(0, sampleBytes);
  } catch (cause) {
    throw unreadable(file.name, cause);
  } finally {
    stream.destroy();
  }
}
