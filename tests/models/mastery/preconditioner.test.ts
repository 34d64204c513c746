import { expect, test } from "vitest";
import { blockPreconditioner } from "../../../src/models/mastery/sparse/preconditioner.ts";
import { addGram, addTransposed, multiply, sparseRowsBuilder } from "../../../src/models/mastery/sparse/sparse-rows.ts";
import { random } from "../../../src/numeric/random.ts";

const ROWS = 60;
const COLS = 7;
const rng = random("sparse");
const dense = Array.from({ length: ROWS }, () =>
  Array.from({ length: COLS }, () => (rng.next() < 0.4 ? Math.fround(rng.next() - 0.3) : 0)),
);
const builder = sparseRowsBuilder(ROWS, 1); // too small a guess: it has to grow
for (const row of dense) {
  for (const [column, value] of row.entries()) builder.push(column, value);
  builder.endRow();
}
const matrix = builder.finish(COLS);
const d = Float64Array.from({ length: ROWS }, () => rng.next());
const v = Float64Array.from({ length: COLS }, () => rng.next() - 0.5);

test("products agree with the dense ones, and no zero is stored", () => {
  const product = dense.map((row) => row.reduce((sum, value, column) => sum + value * v[column]!, 0));
  const out = new Float64Array(ROWS);
  multiply(matrix, v, out);
  for (let row = 0; row < ROWS; row++) expect(out[row]).toBeCloseTo(product[row]!, 12);
  const gram = new Float64Array(COLS);
  addGram(matrix, d, v, gram);
  const transposed = new Float64Array(COLS);
  addTransposed(
    matrix,
    Float64Array.from(product, (value, row) => value * d[row]!),
    transposed,
  );
  for (let column = 0; column < COLS; column++) {
    const expected = dense.reduce((sum, row, at) => sum + row[column]! * d[at]! * product[at]!, 0);
    expect(gram[column]).toBeCloseTo(expected, 12);
    expect(transposed[column]).toBeCloseTo(expected, 12);
  }
  expect(matrix.value.every((value) => value !== 0)).toBe(true);
});

test("with every column in one group the preconditioner is the inverse of the Hessian", () => {
  const ridge = new Float64Array(COLS).fill(0.5);
  const preconditioner = blockPreconditioner(matrix, { group: new Int32Array(COLS), count: 1 });
  preconditioner.update(d, ridge);
  const solved = new Float64Array(COLS);
  preconditioner.solve(v, solved);
  const back = solved.map((value) => 0.5 * value);
  addGram(matrix, d, solved, back);
  for (let column = 0; column < COLS; column++) expect(back[column]).toBeCloseTo(v[column]!, 9);
});

test("columns alone are divided by their diagonal", () => {
  const preconditioner = blockPreconditioner(matrix, { group: new Int32Array(COLS).fill(-1), count: 0 });
  preconditioner.update(d, new Float64Array(COLS).fill(1));
  const solved = new Float64Array(COLS);
  preconditioner.solve(v, solved);
  for (let column = 0; column < COLS; column++) {
    const diagonal = 1 + dense.reduce((sum, row, at) => sum + d[at]! * row[column]! ** 2, 0);
    expect(solved[column]).toBeCloseTo(v[column]! / diagonal, 12);
  }
});
