import { CairnError } from "../../../errors.ts";

/**
 * Which boundary applies, to be chosen in the plan, before outcomes are seen: `cautious` when the intervention could itself decide who
 * stays (dropout prevention, anything voluntary), `optimistic` otherwise.
 */
export type AttritionBoundary = "cautious" | "optimistic";

// WWC Handbook, table II.1: highest differential attrition in points by overall attrition of 0, 1, 2 … percent. Transcribed in the R
// package baselinr; open copies elsewhere are shifted by a row or invented, and must not be used.
const LIMITS: Readonly<Record<AttritionBoundary, readonly number[]>> = {
  cautious: [
    5.7, 5.8, 5.9, 5.9, 6.0, 6.1, 6.2, 6.3, 6.3, 6.3, 6.3, 6.2, 6.2, 6.1, 6.0, 5.9, 5.9, 5.8, 5.7, 5.5, 5.4, 5.3, 5.2,
    5.1, 4.9, 4.8, 4.7, 4.5, 4.4, 4.3, 4.1, 4.0, 3.8, 3.6, 3.5, 3.3, 3.2, 3.1, 2.9, 2.8, 2.6, 2.5, 2.3, 2.1, 2.0, 1.8,
    1.6, 1.5, 1.3, 1.2, 1.0, 0.9, 0.7, 0.6, 0.4, 0.3, 0.2, 0.0,
  ],
  optimistic: [
    10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.7, 10.8, 10.9, 10.9, 10.9, 10.9, 10.9, 10.8, 10.8, 10.7, 10.6, 10.5, 10.3,
    10.2, 10.0, 9.9, 9.7, 9.5, 9.4, 9.2, 9.0, 8.8, 8.6, 8.4, 8.2, 8.0, 7.8, 7.6, 7.4, 7.2, 7.0, 6.7, 6.5, 6.3, 6.0, 5.8,
    5.6, 5.3, 5.1, 4.9, 4.6, 4.4, 4.2, 3.9, 3.7, 3.5, 3.2, 3.0, 2.8, 2.6, 2.3, 2.1, 1.9, 1.6, 1.4, 1.1, 0.9, 0.7, 0.5,
    0.3,
  ],
};

/** Assigned and analysed units of one arm. */
export interface ArmFlow {
  readonly assigned: number;
  readonly analysed: number;
}

/** Who was lost, and whether it is too many by either boundary. */
export interface Attrition {
  /** Lost of all assigned, in [0, 1]. */
  readonly overall: number;
  readonly treatment: number;
  readonly comparison: number;
  /** Difference between the arms, in points (0 to 100). */
  readonly differential: number;
  /** Highest differential allowed at this overall attrition, in points; null where it is always too much. */
  readonly limits: Readonly<Record<AttritionBoundary, number | null>>;
  readonly low: Readonly<Record<AttritionBoundary, boolean>>;
}

/**
 * Overall and differential attrition against both boundaries of the What Works Clearinghouse.
 * @throws CairnError `BAD_INPUT` when an arm has nobody assigned, or more analysed than assigned
 * @see WWC Procedures and Standards Handbook 5.0, chapter II; handbook 2.13
 */
export function attrition(treatment: ArmFlow, comparison: ArmFlow): Attrition {
  for (const { assigned, analysed } of [treatment, comparison]) {
    if (!(assigned > 0 && analysed >= 0 && analysed <= assigned)) {
      throw new CairnError(
        "BAD_INPUT",
        `expected at most as many analysed as assigned, got ${analysed} of ${assigned}`,
        {
          hint: "count joiners apart: who was not assigned cannot be analysed",
        },
      );
    }
  }
  const lost = ({ assigned, analysed }: ArmFlow): number => 1 - analysed / assigned;
  const overall = lost({
    assigned: treatment.assigned + comparison.assigned,
    analysed: treatment.analysed + comparison.analysed,
  });
  const differential = 100 * Math.abs(lost(treatment) - lost(comparison));
  const limit = (boundary: AttritionBoundary): number | null => attritionLimit(Math.round(100 * overall), boundary);
  const limits = { cautious: limit("cautious"), optimistic: limit("optimistic") };
  const low = (boundary: AttritionBoundary): boolean => limits[boundary] !== null && differential <= limits[boundary];
  return {
    overall,
    treatment: lost(treatment),
    comparison: lost(comparison),
    differential,
    limits,
    low: { cautious: low("cautious"), optimistic: low("optimistic") },
  };
}

/**
 * The highest differential attrition, in points, at a whole percentage of overall attrition; null where attrition is always high.
 * @param overall - whole percent from 0
 */
export function attritionLimit(overall: number, boundary: AttritionBoundary): number | null {
  return LIMITS[boundary][overall] ?? null;
}
