import { expect, test } from "vitest";
import { useTensors } from "../../src/engine/tensors.ts";
import { currentProducts, type DenseMatrix, plainProducts } from "../../src/numeric/network/products.ts";
import { random } from "../../src/numeric/random.ts";

const rng = random("products");
const matrix = (rows: number, cols: number): DenseMatrix => ({
  rows,
  cols,
  values: Float32Array.from({ length: rows * cols }, () => rng.normal()),
});

test("products on tensors are those of plain TypeScript, transposed or not, and leave nothing behind", async () => {
  expect(currentProducts()).toBe(plainProducts);
  const { backend, notes } = await useTensors();
  expect(currentProducts().backend).toBe(backend);
  expect(backend === "tensorflow" || notes.length > 0).toBe(true);
  const tf = await import("@tensorflow/tfjs-core");
  const before = tf.memory().numTensors;
  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const a = transposeA ? matrix(7, 5) : matrix(5, 7);
    const b = transposeB ? matrix(9, 7) : matrix(7, 9);
    const expected = plainProducts.multiply(a, b, transposeA, transposeB);
    const found = currentProducts().multiply(a, b, transposeA, transposeB);
    expect(found).toHaveLength(45);
    for (const [i, value] of expected.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5);
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(await useTensors()).toBe(await useTensors());
});
