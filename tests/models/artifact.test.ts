import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeArtifact, encodeArtifact, type Tensor, type Tensors } from "../../src/models/artifact.ts";
import { codeOf } from "../contracts/estimator-contract.ts";

const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc.float64Array({ maxLength: 20 }),
  fc.float32Array({ maxLength: 20 }),
  fc.int32Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }),
);
const text = fc.string({ unit: "binary", maxLength: 8 });
const tensors: fc.Arbitrary<Tensors> = fc.record({
  metadata: fc.dictionary(text, text, { maxKeys: 5 }),
  arrays: fc.dictionary(
    text.filter((name) => name !== "__metadata__"),
    tensor,
    { maxKeys: 6 },
  ),
});

/** The bytes of a tensor: NaN payloads and −0 count, which equality of numbers would not see. */
const bits = (array: Tensor): [string, number[]] => [
  array.constructor.name,
  [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)],
];

const bitsOf = ({ metadata, arrays }: Tensors) => ({
  metadata: Object.entries(metadata).sort(),
  arrays: Object.entries(arrays)
    .map(([name, array]) => [name, ...bits(array)] as const)
    .sort(),
});

/** A file with any header and data. */
function file(header: string | Uint8Array, data: ArrayLike<number> = [], length?: number): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (change: object, data: ArrayLike<number> = new Uint8Array(8)): Uint8Array =>
  file(JSON.stringify({ weights: { dtype: "F64", shape: [1], data_offsets: [0, 8], ...change } }), data);

const example: Tensors = {
  metadata: { kind: "a/b", note: "été" },
  arrays: { weights: Float64Array.of(1, -0, Number.NaN), codes: Uint8Array.of(1, 2, 3), index: Int32Array.of(-1) },
};

test("decode(encode(x)) is x, bit by bit, whatever the names", () => {
  fc.assert(
    fc.property(tensors, (given) => {
      expect(bitsOf(decodeArtifact(encodeArtifact(given)))).toEqual(bitsOf(given));
    }),
  );
});

test("equal content gives equal bytes, in whatever order it was put together", () => {
  fc.assert(
    fc.property(tensors, ({ metadata, arrays }) => {
      const reversed = {
        metadata: Object.fromEntries(Object.entries(metadata).reverse()),
        arrays: Object.fromEntries(Object.entries(arrays).reverse()),
      };
      expect(encodeArtifact(reversed)).toEqual(encodeArtifact({ metadata, arrays }));
    }),
  );
});

test("the layout is safetensors: header length, JSON, aligned data", () => {
  const bytes = encodeArtifact(example);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    __metadata__: { kind: "a/b", note: "été" },
    weights: { dtype: "F64", shape: [3], data_offsets: [0, 24] },
    index: { dtype: "I32", shape: [1], data_offsets: [24, 28] },
    codes: { dtype: "U8", shape: [3], data_offsets: [28, 31] },
  });
  expect(bytes).toHaveLength(8 + length + 31);
});

test("reads from the middle of a larger buffer, and gives arrays of its own", () => {
  const bytes = encodeArtifact(example);
  const larger = new Uint8Array(bytes.length + 10).fill(9);
  larger.set(bytes, 3);
  const decoded = decodeArtifact(larger.subarray(3, 3 + bytes.length));
  larger.fill(0);
  expect(bitsOf(decoded)).toEqual(bitsOf(example));
});

test("a view into a larger buffer is written as the view alone", () => {
  const whole = Float64Array.of(1, 2, 3, 4);
  const decoded = decodeArtifact(encodeArtifact({ metadata: {}, arrays: { part: whole.subarray(1, 3) } }));
  expect(decoded.arrays.part).toEqual(Float64Array.of(2, 3));
});

test("a file of several dimensions, as other tools write it, is read flat", () => {
  const header = '{"m":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
  expect(decodeArtifact(file(header, new Uint8Array(8))).arrays.m).toEqual(new Float32Array(2));
});

test("cut anywhere, or with something after its end, it is refused", () => {
  const bytes = encodeArtifact(example);
  for (let end = 0; end < bytes.length; end++)
    expect(codeOf(() => decodeArtifact(bytes.subarray(0, end)))).toBe("ARTIFACT_CORRUPT");
  expect(codeOf(() => decodeArtifact(Uint8Array.of(...bytes, 0)))).toBe("ARTIFACT_CORRUPT");
});

test("any bytes either decode or are refused by code", () => {
  const bytes = encodeArtifact(example);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const damaged = bytes.slice();
      damaged[at] = value;
      try {
        decodeArtifact(damaged);
      } catch {
        expect(codeOf(() => decodeArtifact(damaged))).toBe("ARTIFACT_CORRUPT");
      }
    }),
    { numRuns: 500 },
  );
});

test.each<[string, Uint8Array]>([
  ["a header longer than the file", file("{}", [], 1000)],
  ["a header of absurd length", file("{}", [], Number.MAX_SAFE_INTEGER)],
  ["a header that is not JSON", file("{,}")],
  ["a header that is not UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d))],
  ["a header that is null", file("null")],
  ["a header that is an array", file("[]")],
  ["metadata that is not an object", file('{"__metadata__":3}')],
  ["metadata that is not made of strings", file('{"__metadata__":{"a":1}}')],
  ["an array that is null", file('{"weights":null}')],
  ["an unknown type", entry({ dtype: "BF16" })],
  ["a type named like a method", entry({ dtype: "constructor" })],
  ["a shape that does not fit", entry({ shape: [2] })],
  ["no shape", entry({ shape: undefined })],
  ["a negative offset", entry({ data_offsets: [-8, 0] })],
  ["a fractional offset", entry({ data_offsets: [0.5, 8.5] })],
  ["offsets turned around", entry({ data_offsets: [8, 0] })],
  ["offsets that are words", entry({ data_offsets: ["0", "8"] })],
  ["a hole before the data", entry({ data_offsets: [8, 16] }, new Uint8Array(16))],
  [
    "two arrays in one place",
    file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      [0],
    ),
  ],
])("refused: %s", (_, bytes) => {
  expect(codeOf(() => decodeArtifact(bytes))).toBe("ARTIFACT_CORRUPT");
});

test("the name of the metadata cannot be an array's", () => {
  expect(codeOf(() => encodeArtifact({ metadata: {}, arrays: { __metadata__: Uint8Array.of(1) } }))).toBe("BAD_INPUT");
});

test("bytes from a file, which are a Buffer inside a larger one, are read like any others", () => {
  fc.assert(
    fc.property(tensors, fc.nat(9), (written, offset) => {
      const bytes = encodeArtifact(written);
      const pool = Buffer.alloc(bytes.length + offset);
      pool.set(bytes, offset);
      expect(bitsOf(decodeArtifact(pool.subarray(offset)))).toEqual(bitsOf(decodeArtifact(bytes)));
    }),
  );
});
