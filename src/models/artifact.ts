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
  const header: Record<string, unknown> = { __metadata__: sortKeys(tensors.metadata) };
  let offset = 0;
  for (const name of names) {
    const tensor = tensors.arrays[name]!;
    header[name] = { dtype: dtypeOf(tensor), shape: [tensor.length], data_offsets: [offset, offset + tensor.byteLength] };
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
  if (length > LONGEST_HEADER || 8 + length > bytes.length) throw corrupt(`a header of ${length} bytes in a file of ${bytes.length}`);
  const header = parseHeader(bytes.subarray(8, 8 + length), corrupt);
  const { __metadata__: metadata = {}, ...entries } = header;
  const arrays: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, data_offsets: offsets } = entry as { dtype?: Dtype; data_offsets?: [number, number] };
    const type = dtype === undefined ? undefined : dtypes[dtype];
    if (type === undefined || offsets === undefined) throw corrupt(`array "${name}" of type ${String(dtype)}`);
    const data = bytes.slice(8 + length + offsets[0], 8 + length + offsets[1]);
    if (data.length !== offsets[1] - offsets[0] || data.length % type.BYTES_PER_ELEMENT !== 0) throw corrupt(`a truncated array "${name}"`);
    arrays[name] = new type(data.buffer, 0, data.length / type.BYTES_PER_ELEMENT);
  }
  return { metadata: metadata as Record<string, string>, arrays };
}

function parseHeader(bytes: Uint8Array, corrupt: (what: string) => CairnError): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    throw corrupt("a header that is not JSON");
  }
}
