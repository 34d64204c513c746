import { CairnError } from "../../../errors.ts";
import type { NetworkSettings } from "../../../numeric/network/train.ts";
import type { Parameters } from "../../estimator.ts";

/** What the recurrent recipe takes. */
export interface RecurrentOptions {
  /**
   * The series, by name: the numeric columns that hold one quantity week after week, the earliest first. All series have the
   * same number of columns, one per week. A week in which every series is missing is skipped, not filled in. Every other
   * column of the matrix is static. Default none: a network over static columns.
   */
  readonly series?: Readonly<Record<string, readonly string[]>>;
  /** Width of the state, 1 to 256; default 16. */
  readonly hidden?: number;
  /** Units of the layer that reads state and static columns together, 1 to 256; default 16. */
  readonly head?: number;
  /** Networks from different starts whose log-odds are averaged, 1 to 20; default 3. */
  readonly starts?: number;
  /** Walks over the rows at most, 1 to 1,000; default 20. */
  readonly epochs?: number;
  /** Adam's, over 0; default 0.003. */
  readonly learningRate?: number;
  /** Share of the state's units left out of each answer while training, in [0, 1); default 0.2. */
  readonly dropout?: number;
  /** Categories with fewer training rows share one column; a whole number from 1, default 10. */
  readonly minimumCategoryRows?: number;
}

/** Checked options, nothing left out. */
export interface RecurrentSettings {
  readonly series: Readonly<Record<string, readonly string[]>>;
  readonly hidden: number;
  readonly head: number;
  readonly starts: number;
  readonly minimumCategoryRows: number;
  readonly training: Required<Pick<NetworkSettings, "epochs" | "learningRate" | "dropout">>;
}

/** @throws CairnError `BAD_INPUT` for options out of range, series of unequal length, or a column in two places */
export function recurrentSettings({
  series = {},
  hidden = 16,
  head = 16,
  starts = 3,
  epochs = 20,
  learningRate = 0.003,
  dropout = 0.2,
  minimumCategoryRows = 10,
}: RecurrentOptions): RecurrentSettings {
  const counts = { hidden: [hidden, 256], head: [head, 256], starts: [starts, 20], epochs: [epochs, 1000] } as const;
  for (const [name, [value, most]] of Object.entries(counts)) {
    if (!(Number.isInteger(value) && value >= 1 && value <= most))
      throw new CairnError("BAD_INPUT", `expected ${name} from 1 to ${most}, got ${value}`);
  }
  if (!(Number.isInteger(minimumCategoryRows) && minimumCategoryRows >= 1))
    throw new CairnError("BAD_INPUT", `expected minimumCategoryRows from 1, got ${minimumCategoryRows}`);
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw new CairnError("BAD_INPUT", `expected a learning rate over 0, got ${learningRate}`);
  if (!(dropout >= 0 && dropout < 1)) throw new CairnError("BAD_INPUT", `expected dropout in [0, 1), got ${dropout}`);
  const lists = Object.values(series);
  const uneven = lists.find((columns) => columns.length === 0 || columns.length !== lists[0]!.length);
  if (uneven !== undefined) {
    throw new CairnError(
      "BAD_INPUT",
      `expected ${lists[0]!.length || 1} columns in every series, got ${uneven.length}`,
      {
        hint: "one column per week; a week nobody has in one series may be a column of missing cells",
      },
    );
  }
  const columns = lists.flat();
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined)
    throw new CairnError("BAD_INPUT", `expected every column in one place of one series, got "${twice}" twice`);
  return { series, hidden, head, starts, minimumCategoryRows, training: { epochs, learningRate, dropout } };
}

/** The settings as a recipe's parameters. */
export function recurrentParameters({ series, training, ...widths }: RecurrentSettings): Parameters {
  return {
    ...widths,
    ...training,
    series: Object.keys(series),
    ...Object.fromEntries(Object.entries(series).map(([name, columns]) => [`series.${name}`, columns])),
  };
}
