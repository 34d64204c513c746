import { CairnError } from "../errors.ts";

/** One named array of an artifact. */
export type Tensor = Float64Array | Float32Array | Int32Array | Uint8Array;

/** What a fitted model is made of: named arrays and short strings (safetensors' `__metadata__`). */
export interface Tensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: Readonly<Record<string, Tensor>>;
}

const dtypes = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type Dtype = keyof typeof dtypes;

const ALIGNMENT = 8; // safetensors pads the header so that the data starts on a multiple of eight bytes
const LONGEST_HEADER = 100_000_000; // the safetensors reader's own limit

function dtypeOf(tensor: Tensor): Dtype {
  if (tensor instanceof Float64Array) return "F64";
  if (tensor instanceof Float32Array) return "F32";
  return tensor instanceof Int32Array ? "I32" : "U8";
}

/**
 * Writes arrays in the safetensors layout: eight bytes of header length (little-endian), a JSON header, then the data.
 * Equal input gives equal bytes: names are sorted, and wider types come first so that every array is aligned.
 * @see huggingface/safetensors README, "Format"
 */
export function encodeArtifact(tensors: Tensors): Uint8Array {
  const names = Object.keys(tensors.arrays).sort(
    (a, b) => tensors.arrays[b]!.BYTES_PER_ELEMENT - tensors.arrays[a]!.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.create(null); // any name may come, "__proto__" too
  header.__metadata__ = sortKeys(tensors.metadata);
  let offset = 0;
  for (const name of names) {
    if (name in header) {
      throw new CairnError(
        "BAD_INPUT",
        `expected a name for an array, got "${name}", which the format keeps for itself`,
        {
          hint: "rename the array",
        },
      );
    }
    const tensor = tensors.arrays[name]!;
    header[name] = {
      dtype: dtypeOf(tensor),
      shape: [tensor.length],
      data_offsets: [offset, offset + tensor.byteLength],
    };
    offset += tensor.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + padded + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, 8, 8 + padded); // trailing spaces are legal JSON
  bytes.set(json, 8);
  let position = 8 + padded;
  for (const name of names) {
    const tensor = tensors.arrays[name]!;
    bytes.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), position);
    position += tensor.byteLength;
  }
  return bytes;
}

function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Reads what {@link encodeArtifact} wrote, or any safetensors file of F64, F32, I32 and U8 arrays. Holds no code: nothing
 * in the file is executed.
 * @throws CairnError `ARTIFACT_CORRUPT` when lengths, offsets or types do not fit
 */
export function decodeArtifact(bytes: Uint8Array): Tensors {
  const corrupt = (what: string): CairnError =>
    new CairnError("ARTIFACT_CORRUPT", `expected a safetensors file, got ${what}`, { hint: "train the model again" });
  if (bytes.length < 8) throw corrupt(`${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length)
    throw corrupt(`a header of ${length} bytes in a file of ${bytes.length}`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, 8 + length), corrupt);
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw corrupt("metadata that is not made of strings");
  }
  const layout = Object.entries(entries).map(([name, entry]) => readEntry(name, entry, corrupt));
  layout.sort((a, b) => a.start - b.start || a.end - b.end);
  let position = 0;
  for (const { name, start, end } of layout) {
    if (start !== position) throw corrupt(`an array "${name}" that starts at ${start} instead of ${position}`);
    position = end;
  }
  if (8 + length + position !== bytes.length) {
    throw corrupt(`${bytes.length - 8 - length} bytes of data instead of ${position}`);
  }
  const arrays = layout.map(({ name, type, start, end }): [string, Tensor] => {
    // A copy starts aligned. Not slice: on what Node reads from a file (a Buffer) that is a view, not a copy.
    const data = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end));
    return [name, new type(data.buffer, 0, data.length / type.BYTES_PER_ELEMENT)];
  });
  return { metadata: metadata as Record<string, string>, arrays: Object.fromEntries(arrays) };
}

interface Entry {
  readonly name: string;
  readonly type: (typeof dtypes)[Dtype];
  readonly start: number;
  readonly end: number;
}

/** One array of the header: its type is known, and its shape fits its bytes. */
function readEntry(name: string, entry: unknown, corrupt: (what: string) => CairnError): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype))
    throw corrupt(`array "${name}" of type ${String(dtype)}`);
  if (!areCounts(shape) || !areCounts(offsets) || offsets.length !== 2)
    throw corrupt(`array "${name}" without a shape or offsets`);
  const type = dtypes[dtype as Dtype];
  const [start, end] = offsets as [number, number];
  const cells = shape.reduce((product, size) => product * size, 1);
  if (end - start !== cells * type.BYTES_PER_ELEMENT)
    throw corrupt(`array "${name}" of ${end - start} bytes for ${cells} cells`);
  return { name, type, start, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function parseHeader(bytes: Uint8Array, corrupt: (what: string) => CairnError): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw corrupt("a header that is not JSON");
  }
  if (!isRecord(header)) throw corrupt("a header that is not an object");
  return header;
}
