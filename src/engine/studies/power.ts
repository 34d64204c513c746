import { CairnError } from "../../errors.ts";
import { detectableEffect, type PowerDesign, type PowerInput, powerFor } from "../../models/study/diagnostics/power.ts";

/** What is asked before a study starts. */
export interface PowerQuestion extends PowerInput {
  /** The effect that would matter, in standard deviations: asks for the power, and for the units it would take. */
  readonly target?: number;
}

/** What a study of these sizes can find. */
export interface PowerAnswer {
  readonly design: PowerDesign;
  /** Smallest effect found with the asked power, in standard deviations. */
  readonly detectable: number;
  readonly degrees: number;
  /** Chance of finding the target; null without one. */
  readonly power: number | null;
  /** What is counted where units are needed: learners, clusters per district, … */
  readonly unit: string;
  /** Units of the level that was assigned that find the target with the asked power; null without a target, or when a million do not. */
  readonly needed: number | null;
  readonly cautions: readonly string[];
}

const MOST_UNITS = 1_000_000;

/** Which size is the number of what is assigned (or of the blocks), and what to call it. */
const units: Readonly<Record<PowerDesign, readonly [size: "n" | "J" | "K", unit: string]>> = {
  IRA: ["n", "learners"],
  "BIRA2-constant": ["J", "blocks"],
  "BIRA2-fixed": ["J", "blocks"],
  "BIRA2-random": ["J", "blocks"],
  CRA2: ["J", "clusters"],
  CRA3: ["K", "third-level units"],
  "BCRA3-fixed": ["K", "blocks of clusters"],
  "BCRA3-random": ["K", "blocks of clusters"],
};

/**
 * Detectable effect of a planned study, and with a target its power and the units it takes.
 * @throws CairnError `BAD_INPUT` for a value out of its range, or sizes that leave no degree of freedom
 */
export function studyPower({ target, ...input }: PowerQuestion): PowerAnswer {
  checkRanges(input, target);
  const { effect, degrees } = detectableEffect(input);
  const [, unit] = units[input.design];
  const clustered = units[input.design][0] !== "n" && !input.design.startsWith("BIRA");
  return {
    design: input.design,
    detectable: effect,
    degrees,
    power: target === undefined ? null : powerFor(input, target),
    unit,
    needed: target === undefined ? null : unitsNeeded(input, target),
    cautions: clustered
      ? ["More learners per cluster soon stop helping: what clusters share stays. More clusters help."]
      : [],
  };
}

/** The smallest number of units, by halving: more units never find less. */
function unitsNeeded(input: PowerInput, target: number): number | null {
  const [size] = units[input.design];
  const finds = (count: number): boolean => {
    try {
      return detectableEffect({ ...input, [size]: count }).effect <= target;
    } catch (error) {
      if (error instanceof CairnError && error.code === "BAD_INPUT") return false; // too few for a degree of freedom
      throw error;
    }
  };
  if (!finds(MOST_UNITS)) return null;
  let [low, high] = [1, MOST_UNITS]; // too few (or enough by itself), and enough
  if (finds(low)) return low;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (finds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function checkRanges(input: PowerInput, target: number | undefined): void {
  const { share = 0.5, alpha = 0.05, power = 0.8, rho2 = 0, rho3 = 0, r1 = 0, r2 = 0, r3 = 0 } = input;
  const faults = [
    ...(share > 0 && share < 1 ? [] : ["share: expected between 0 and 1"]),
    ...(alpha > 0 && alpha < 0.5 ? [] : ["alpha: expected between 0 and .5"]),
    ...(power > 0 && power < 1 ? [] : ["power: expected between 0 and 1"]),
    ...(rho2 >= 0 && rho3 >= 0 && rho2 + rho3 < 1 ? [] : ["intraclass correlations: expected from 0, below 1 in all"]),
    ...([r1, r2, r3].every((value) => value >= 0 && value < 1) ? [] : ["explained shares: expected from 0, below 1"]),
    ...(target === undefined || target > 0 ? [] : ["target: expected above 0"]),
  ];
  if (faults.length === 0) return;
  throw new CairnError("BAD_INPUT", `expected a study that can be, got ${faults.join("; ")}`, {
    hint: "see docs/studies.md for what each value means",
  });
}
