import { CairnError } from "../../../errors.ts";

/** Repeated measurements of the same units (learners, classes, schools), one row per unit and period. */
export interface PanelRows {
  /** Shape (rows), finite. */
  readonly outcome: Float64Array;
  /** Shape (rows), ids of the units. */
  readonly unit: ArrayLike<number>;
  /** Shape (rows): years, terms, waves. */
  readonly period: ArrayLike<number>;
  /** Shape (rows): first period of treatment; 0 for never. The same in every row of a unit. */
  readonly firstTreated: ArrayLike<number>;
  /** Shape (rows) each, taken from the first period of a unit. */
  readonly covariates?: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  /** Shape (rows), ids of what was assigned as a whole; default the unit. The same in every row of a unit. */
  readonly cluster?: ArrayLike<number>;
}

/** The balanced panel: units that were measured in every period. */
export interface Panel {
  readonly periods: readonly number[];
  /** First treated periods that occur, ascending, without never. */
  readonly groups: readonly number[];
  /** Shape (units): first treated period, 0 for never. */
  readonly group: Float64Array;
  /** Shape (units × periods). */
  readonly outcome: Float64Array;
  /** Shape (units) each. */
  readonly covariates: readonly { readonly name: string; readonly values: Float64Array }[];
  /** Shape (units), ids; absent when units are their own clusters. */
  readonly cluster?: Int32Array;
  /** Units left out because a period is missing, or treated before the first period: they have no "before". */
  readonly leftOut: { readonly unbalanced: number; readonly alwaysTreated: number };
}

/**
 * Turns rows into a balanced panel.
 * @throws CairnError `BAD_INPUT` when a unit has two rows of one period, changes its group, or fewer than two periods remain
 */
export function balancedPanel(rows: PanelRows): Panel {
  const periods = [...new Set(Array.from(rows.period))].sort((a, b) => a - b);
  if (periods.length < 2) {
    throw new CairnError("BAD_INPUT", `expected two periods or more, got ${periods.length}`, {
      hint: "a change needs a before",
    });
  }
  const place = new Map(periods.map((period, i) => [period, i]));
  const units = new Map<number, Int32Array>();
  for (let row = 0; row < rows.outcome.length; row++) {
    const own = units.get(rows.unit[row]!) ?? new Int32Array(periods.length).fill(-1);
    units.set(rows.unit[row]!, own);
    const at = place.get(rows.period[row]!)!;
    if (own[at]! >= 0) throw twice();
    own[at] = row;
    const first = own.find((value) => value >= 0)!;
    if (rows.firstTreated[row] !== rows.firstTreated[first] || rows.cluster?.[row] !== rows.cluster?.[first])
      throw changed();
  }
  const whole = [...units.values()].filter((own) => own.every((row) => row >= 0));
  const used = whole.filter((own) => rows.firstTreated[own[0]!] === 0 || rows.firstTreated[own[0]!]! > periods[0]!);
  const last = periods[periods.length - 1]!;
  // Who starts after the last period has not been treated in any: a comparison like those who never are.
  const group = Float64Array.from(used, (own) =>
    rows.firstTreated[own[0]!]! > last ? 0 : rows.firstTreated[own[0]!]!,
  );
  return {
    periods,
    groups: [...new Set(group)].filter((first) => first > 0).sort((a, b) => a - b),
    group,
    outcome: Float64Array.from(used.flatMap((own) => Array.from(own, (row) => rows.outcome[row]!))),
    covariates: (rows.covariates ?? []).map(({ name, values }) => ({
      name,
      values: Float64Array.from(used, (own) => values[own[0]!]!),
    })),
    ...(rows.cluster === undefined ? {} : { cluster: Int32Array.from(used, (own) => rows.cluster![own[0]!]!) }),
    leftOut: { unbalanced: units.size - whole.length, alwaysTreated: whole.length - used.length },
  };
}

function twice(): CairnError {
  return new CairnError("BAD_INPUT", "expected one row per unit and period, got two", {
    hint: "name the column that tells the units apart",
  });
}

function changed(): CairnError {
  return new CairnError(
    "BAD_INPUT",
    "expected one first treated period and one cluster per unit, got a unit with two",
    {
      hint: "treatment is taken to last: give its first period in every row of the unit",
    },
  );
}
