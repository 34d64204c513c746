import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, deflateRawSync } from "node:zlib";
import { ZipFile } from "yazl";

/** What a zip bomb unpacks to: 10 GB. */
export const bombBytes = 10 * 2 ** 30;

const pieceBytes = 10 * 2 ** 20;
// Flushed whole, a piece refers to nothing before it: the same bytes again and again are one valid stream of deflate.
const piece = deflateRawSync(Buffer.alloc(pieceBytes), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
const pieces = bombBytes / pieceBytes;
const end = Buffer.from([0x03, 0x00]); // an empty last block
const packedBytes = pieces * piece.length + end.length;

/** Zeros that unpack to {@link bombBytes}, packed in about a thousandth of it, never whole in memory. */
function* packedZeros(): Generator<Buffer> {
  for (let i = 0; i < pieces; i++) yield piece;
  yield end;
}

/** The CRC-32 of so many zero bytes: the effect of 2ᵏ of them is a matrix over GF(2), squared from the one before. */
function crcOfZeros(bytes: number): number {
  const apply = (matrix: readonly number[], vector: number): number =>
    matrix.reduce((sum, column, bit) => ((vector >>> bit) & 1 ? sum ^ column : sum), 0) >>> 0;
  const afterZero = (state: number): number => {
    let next = state;
    for (let bit = 0; bit < 8; bit++) next = (next & 1 ? (next >>> 1) ^ 0xedb88320 : next >>> 1) >>> 0;
    return next;
  };
  let matrix = Array.from({ length: 32 }, (_, bit) => afterZero((1 << bit) >>> 0));
  let state = 0xffffffff;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) state = apply(matrix, state);
    const squared = matrix;
    matrix = matrix.map((column) => apply(squared, column));
  }
  return (state ^ 0xffffffff) >>> 0;
}

function zip64Sizes(unpacked: number): Buffer {
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(unpacked), 4);
  extra.writeBigUInt64LE(BigInt(packedBytes), 12);
  return extra;
}

/** What a local header and an entry of the directory have in common, from the version needed to the lengths. */
function described(name: string): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(45, 0); // ZIP64
  fields.writeUInt16LE(8, 4); // deflated
  fields.writeUInt16LE(0x21, 8); // 1 January 1980
  fields.writeUInt32LE(crcOfZeros(bombBytes), 10);
  fields.writeUInt32LE(0xffffffff, 14);
  fields.writeUInt32LE(0xffffffff, 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(20, 24);
  return fields;
}

function signed(signature: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(signature, 0);
  return Buffer.concat([head, ...parts]);
}

/** The ZIP64 directory of one file, with its ends. */
function directory(name: string, unpacked: number, at: number): Buffer {
  const entry = signed(
    0x02014b50,
    Buffer.from([45, 3]), // made by ZIP64 on Unix
    described(name),
    Buffer.alloc(14),
    Buffer.from(name),
    zip64Sizes(unpacked),
  );
  const last = Buffer.alloc(52);
  last.writeBigUInt64LE(44n, 0);
  last.writeUInt16LE(45, 8);
  last.writeUInt16LE(45, 10);
  last.writeBigUInt64LE(1n, 20);
  last.writeBigUInt64LE(1n, 28);
  last.writeBigUInt64LE(BigInt(entry.length), 36);
  last.writeBigUInt64LE(BigInt(at), 44);
  const locator = Buffer.alloc(16);
  locator.writeBigUInt64LE(BigInt(at + entry.length), 4);
  locator.writeUInt32LE(1, 12);
  const classic = Buffer.alloc(18, 0xff);
  classic.writeUInt32LE(0, 0);
  classic.writeUInt16LE(0, 16);
  return Buffer.concat([entry, signed(0x06064b50, last), signed(0x07064b50, locator), signed(0x06054b50, classic)]);
}

/** Writes a ZIP64 archive of one file of 10 GB of zeros, some ten megabytes on disk. `declared`: what it says it unpacks to. */
export async function writeZipBomb(path: string, name: string, declared = bombBytes): Promise<void> {
  const local = signed(0x04034b50, described(name), Buffer.from(name), zip64Sizes(declared));
  const parts = function* (): Generator<Buffer> {
    yield local;
    yield* packedZeros();
    yield directory(name, declared, local.length + packedBytes);
  };
  await pipeline(Readable.from(parts()), createWriteStream(path));
}

/** Writes a zip that holds one file as it is, not packed again. */
export async function writeStored(path: string, inner: string, name: string): Promise<void> {
  const zip = new ZipFile();
  zip.addFile(inner, name, { compress: false });
  zip.end();
  await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(path));
}

/** Writes the same zeros as a gzip file. */
export async function writeGzipBomb(path: string): Promise<void> {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crcOfZeros(bombBytes), 0);
  trailer.writeUInt32LE(bombBytes % 2 ** 32, 4);
  const parts = function* (): Generator<Buffer> {
    yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    yield* packedZeros();
    yield trailer;
  };
  await pipeline(Readable.from(parts()), createWriteStream(path));
}
