import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { expect } from "vitest";
import type { Term } from "../../../src/models/study/regression/linear-model.ts";

const root = join(process.env.CAIRN_DATASETS ?? "../shared/datasets", "causal");

/** Whether the public data sets of the known answers are at hand, and what a skipped suite says. */
export const causal = existsSync(root);
export const why = causal ? "" : " (skipped: no causal data sets in CAIRN_DATASETS)";

/** A public table as named columns of text. */
export class Table {
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly #numbers = new Map<string, Float64Array>();

  constructor(columns: ReadonlyMap<string, readonly string[]>) {
    this.columns = columns;
  }

  static read(file: string): Table {
    const path = join(root, file);
    const bytes = readFileSync(path);
    const rows = parse(file.endsWith(".gz") ? gunzipSync(bytes) : bytes, { relax_column_count: true }) as string[][];
    const [names, ...body] = rows;
    return new Table(new Map(names!.map((name, i) => [name, body.map((row) => row[i] ?? "")])));
  }

  get rows(): number {
    return this.columns.values().next().value!.length;
  }

  text(name: string): readonly string[] {
    const column = this.columns.get(name);
    if (column === undefined) throw new Error(`expected a column ${name}, got ${[...this.columns.keys()].join(" ")}`);
    return column;
  }

  /** NaN where the cell is empty or NA. */
  numbers(name: string): Float64Array {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const values = Float64Array.from(this.text(name), (cell) =>
      cell === "" || cell === "NA" ? Number.NaN : Number(cell),
    );
    this.#numbers.set(name, values);
    return values;
  }

  /** 0, 1, 2 … in the order of first appearance. */
  codes(name: string): Int32Array {
    const seen = new Map<string, number>();
    for (const cell of this.text(name)) if (!seen.has(cell)) seen.set(cell, seen.size);
    return Int32Array.from(this.text(name), (cell) => seen.get(cell)!);
  }

  term(name: string, from: string = name, to: (value: number) => number = (value) => value): Term {
    return { name, values: this.numbers(from).map(to) };
  }

  where(keep: (row: number) => boolean): Table {
    const rows = Array.from({ length: this.rows }, (_, row) => row).filter(keep);
    return new Table(new Map([...this.columns].map(([name, cells]) => [name, rows.map((row) => cells[row]!)])));
  }

  /** The rows of both; columns that either lacks are left out. */
  above(other: Table): Table {
    const shared = [...this.columns].filter(([name]) => other.columns.has(name));
    return new Table(new Map(shared.map(([name, cells]) => [name, [...cells, ...other.text(name)]])));
  }
}

const covariates8 = ["age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75"];

/** The eight covariates of the LaLonde files, in the handbook's order. */
export const c8 = (table: Table): Term[] => covariates8.map((name) => table.term(name));

/** The eight and the two indicators of no earnings. */
export const c10 = (table: Table): Term[] => [
  ...c8(table),
  table.term("u74", "re74", (value) => (value === 0 ? 1 : 0)),
  table.term("u75", "re75", (value) => (value === 0 ? 1 : 0)),
];

/** The treated of the experiment above the rows of a file of survey controls. */
export function survey(file: string): Table {
  const experiment = Table.read("lalonde/nsw_dw.csv");
  const treated = experiment.numbers("treat");
  return experiment.where((row) => treated[row] === 1).above(Table.read(`lalonde/${file}`));
}

/** Relative agreement; by default the handbook's class A, within the ten digits that are printed. */
export function near(got: number, expected: number, tolerance = 1e-8): void {
  const relative = Math.abs(got - expected) / Math.max(1e-12, Math.abs(expected));
  expect(relative, `expected ${expected}, got ${got}`).toBeLessThan(tolerance);
}

/** Agreement to half a unit of the last of the given decimals. */
export function nearDecimals(got: number, expected: number, decimals: number): void {
  expect(Math.abs(got - expected), `expected ${expected}, got ${got}`).toBeLessThanOrEqual(0.501 * 10 ** -decimals);
}
