import { CairnError } from "../../../errors.ts";
import { type Dense, zeros } from "../../../numeric/linear/dense.ts";
import type { Term } from "../regression/linear-model.ts";

/** One random term: an intercept, and perhaps slopes, that differ between the levels of a grouping such as school. */
export interface RandomTerm {
  readonly name: string;
  /** Shape (rows), ids of the levels. */
  readonly group: ArrayLike<number>;
  /** Columns whose slopes differ between levels, beside the intercept; correlated with it and each other. */
  readonly slopes?: readonly Term[];
}

/**
 * Everything the likelihood needs of the data, summed once: per level of the largest grouping its own small cross products, and one
 * dense block for all other groupings together. `right` is [X y] in the coordinates of the fixed effects.
 */
export interface CrossProducts {
  readonly rows: number;
  /** Columns per level of the first grouping. */
  readonly width: number;
  readonly levels: readonly Level[];
  /** Columns of all other groupings. */
  readonly others: number;
  /** Z₂'Z₂, shape (others × others). */
  readonly otherSquares: Dense;
  /** Z₂'[X y], shape (others × right). */
  readonly otherRight: Dense;
  /** [X y]'[X y], shape (right × right). */
  readonly rightSquares: Dense;
  /** The terms in the order of θ: the first grouping, then the others. */
  readonly terms: readonly TermLayout[];
}

/** Where one term's parameters and columns are. */
export interface TermLayout {
  readonly name: string;
  readonly width: number;
  readonly levels: number;
  /** First column among the others; the first grouping has none. */
  readonly offset: number;
  /** First of its width·(width + 1)/2 parameters in θ: the lower triangle, column by column. */
  readonly parameters: number;
}

/** One level of the first grouping. */
export interface Level {
  /** Z'Z, shape (width × width). */
  readonly squares: Float64Array;
  /** Z'[X y], shape (width × right). */
  readonly right: Float64Array;
  /** Which other columns share rows with it, and Z'Z₂ for them, shape (width × touched). */
  readonly touched: readonly number[];
  readonly cross: Float64Array;
}

const OTHERS_LIMIT = 4000; // their block is dense: 4,000 columns are 128 MB, more is another method's task

/**
 * Sums the cross products; the grouping with the most columns goes first, whose block costs nothing.
 * @param right - shape (rows × (p + 1)): [X y]
 * @throws CairnError `BAD_INPUT` when the groupings beside the first have more than 4,000 columns
 */
export function crossProducts(terms: readonly RandomTerm[], right: Dense): CrossProducts {
  const coded = terms.map((term) => ({ ...term, ...codesOf(term.group), width: 1 + (term.slopes?.length ?? 0) }));
  coded.sort((a, b) => b.levels * b.width - a.levels * a.width);
  const layouts: TermLayout[] = [];
  let offset = 0;
  let parameters = 0;
  coded.forEach(({ name, width, levels }, i) => {
    layouts.push({ name, width, levels, offset: i === 0 ? 0 : offset, parameters });
    if (i > 0) offset += width * levels;
    parameters += (width * (width + 1)) / 2;
  });
  if (offset > OTHERS_LIMIT) {
    throw new CairnError(
      "BAD_INPUT",
      `expected at most ${OTHERS_LIMIT} levels beside the largest grouping, got ${offset}`,
      {
        hint: "leave out one of the crossed groupings",
      },
    );
  }
  const builder = new Builder(right, coded[0]!.levels, coded[0]!.width, offset);
  const z = coded.map(({ width }) => new Float64Array(width));
  for (let row = 0; row < right.rows; row++) {
    coded.forEach(({ slopes }, i) => {
      z[i]![0] = 1;
      slopes?.forEach(({ values }, k) => {
        z[i]![k + 1] = values[row]!;
      });
    });
    const own = coded.slice(1).flatMap(({ codes, width }, i) =>
      Array.from({ length: width }, (_, k) => ({
        column: layouts[i + 1]!.offset + codes[row]! * width + k,
        value: z[i + 1]![k]!,
      })),
    );
    builder.add(row, coded[0]!.codes[row]!, z[0]!, own);
  }
  return { ...builder.finish(), terms: layouts };
}

function codesOf(group: ArrayLike<number>): { codes: Int32Array; levels: number } {
  const seen = new Map<number, number>();
  const codes = Int32Array.from(group, (id) => {
    const code = seen.get(id) ?? seen.size;
    seen.set(id, code);
    return code;
  });
  return { codes, levels: seen.size };
}

class Builder {
  readonly right: Dense;
  readonly width: number;
  readonly others: number;
  readonly squares: Float64Array[];
  readonly rightOf: Float64Array[];
  readonly cross: Map<number, Float64Array>[];
  readonly otherSquares: Dense;
  readonly otherRight: Dense;
  readonly rightSquares: Dense;

  constructor(right: Dense, levels: number, width: number, others: number) {
    this.right = right;
    this.width = width;
    this.others = others;
    this.squares = Array.from({ length: levels }, () => new Float64Array(width * width));
    this.rightOf = Array.from({ length: levels }, () => new Float64Array(width * right.cols));
    this.cross = Array.from({ length: levels }, () => new Map());
    this.otherSquares = zeros(others, others);
    this.otherRight = zeros(others, right.cols);
    this.rightSquares = zeros(right.cols, right.cols);
  }

  add(row: number, level: number, z: Float64Array, own: readonly { column: number; value: number }[]): void {
    const { right, width } = this;
    const x = right.data.subarray(row * right.cols, (row + 1) * right.cols);
    outer(this.squares[level]!, z, z);
    outer(this.rightOf[level]!, z, x);
    outer(this.rightSquares.data, x, x);
    for (const { column, value } of own) {
      let cross = this.cross[level]!.get(column);
      if (cross === undefined) {
        cross = new Float64Array(width);
        this.cross[level]!.set(column, cross);
      }
      for (let k = 0; k < width; k++) cross[k]! += z[k]! * value;
      for (const other of own) this.otherSquares.data[column * this.others + other.column]! += value * other.value;
      for (let k = 0; k < right.cols; k++) this.otherRight.data[column * right.cols + k]! += value * x[k]!;
    }
  }

  finish(): Omit<CrossProducts, "terms"> {
    const levels = this.squares.map((squares, level) => {
      const touched = [...this.cross[level]!.keys()].sort((a, b) => a - b);
      const cross = new Float64Array(this.width * touched.length);
      touched.forEach((column, j) => {
        const values = this.cross[level]!.get(column)!;
        for (let k = 0; k < this.width; k++) cross[k * touched.length + j] = values[k]!;
      });
      return { squares, right: this.rightOf[level]!, touched, cross };
    });
    return {
      rows: this.right.rows,
      width: this.width,
      levels,
      others: this.others,
      otherSquares: this.otherSquares,
      otherRight: this.otherRight,
      rightSquares: this.rightSquares,
    };
  }
}

function outer(target: Float64Array, left: Float64Array, right: Float64Array): void {
  for (let i = 0; i < left.length; i++) {
    for (let j = 0; j < right.length; j++) target[i * right.length + j]! += left[i]! * right[j]!;
  }
}
