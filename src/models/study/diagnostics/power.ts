import { CairnError } from "../../../errors.ts";
import { studentTwoSided } from "../../../numeric/distributions.ts";
import { studentQuantile } from "../../../numeric/tail-areas.ts";

/** What was (or will be) assigned, and where the levels are: learners in schools, schools in districts … */
export type PowerDesign =
  | "IRA"
  | "BIRA2-constant"
  | "BIRA2-fixed"
  | "BIRA2-random"
  | "CRA2"
  | "CRA3"
  | "BCRA3-fixed"
  | "BCRA3-random";

/** The sizes and shares of a planned study; `n` is learners per second-level unit (all learners for `IRA`). */
export interface PowerInput {
  readonly design: PowerDesign;
  readonly n: number;
  /** Second-level units (classes or schools) per third-level unit, or in all. */
  readonly J?: number;
  /** Third-level units (schools, districts). */
  readonly K?: number;
  /** Share treated, in (0, 1); default .5. */
  readonly share?: number;
  /** Intraclass correlation of the second and third level; default 0. */
  readonly rho2?: number;
  readonly rho3?: number;
  /** Variance explained by covariates at each level; default 0. */
  readonly r1?: number;
  readonly r2?: number;
  readonly r3?: number;
  /** Variance of the effect between blocks, relative to the blocks' outcome variance, and its explained share; default 0. */
  readonly omega?: number;
  readonly rTreatment?: number;
  /** Covariates at the level that sets the degrees of freedom; default 0. */
  readonly covariates?: number;
  readonly alpha?: number;
  readonly power?: number;
  readonly tails?: 1 | 2;
}

/** The smallest effect a study would find. */
export interface DetectableEffect {
  /** In standard deviations of the outcome. */
  readonly effect: number;
  readonly degrees: number;
  /** Standard errors the effect must be away from zero. */
  readonly multiplier: number;
}

/**
 * Minimum detectable effect size before a study begins.
 * @throws CairnError `BAD_INPUT` when a size is missing or leaves no degree of freedom
 * @see Dong and Maynard (2013), Journal of Research on Educational Effectiveness 6(1); handbook 2.14
 */
export function detectableEffect(input: PowerInput): DetectableEffect {
  const { alpha = 0.05, power = 0.8, tails = 2 } = input;
  const { variance, degrees } = checkedParts(input);
  const critical = studentQuantile(1 - alpha / tails, degrees);
  const reached = studentQuantile(power, degrees); // below .5 it is negative: fewer standard errors are needed
  const multiplier = critical + reached;
  return { effect: multiplier * Math.sqrt(variance), degrees, multiplier };
}

/**
 * Chance that a study finds an effect of this size, by the same shifted t distribution as {@link detectableEffect}: at the detectable
 * effect it is the power that was asked for.
 * @param effect - in standard deviations of the outcome; its sign plays no part
 * @throws CairnError `BAD_INPUT` as {@link detectableEffect}
 * @see Dong and Maynard (2013), Journal of Research on Educational Effectiveness 6(1)
 */
export function powerFor(input: PowerInput, effect: number): number {
  const { alpha = 0.05, tails = 2 } = input;
  const { variance, degrees } = checkedParts(input);
  const beyond = Math.abs(effect) / Math.sqrt(variance) - studentQuantile(1 - alpha / tails, degrees);
  const outside = studentTwoSided(beyond, degrees) / 2;
  return beyond > 0 ? 1 - outside : outside;
}

function checkedParts(input: PowerInput): { variance: number; degrees: number } {
  const found = parts(input);
  if (!(found.degrees >= 1) || !(found.variance > 0)) {
    throw new CairnError("BAD_INPUT", `expected sizes that leave a degree of freedom, got ${found.degrees}`, {
      hint: "assign more units; learners per unit do not help",
    });
  }
  return found;
}

function parts(input: PowerInput): { variance: number; degrees: number } {
  const { n, J = 0, K = 0, share = 0.5, rho2 = 0, rho3 = 0, r1 = 0, r2 = 0, r3 = 0, covariates: g = 0 } = input;
  const between = share * (1 - share);
  const effects = (input.omega ?? 0) * (1 - (input.rTreatment ?? 0));
  if (input.design === "IRA") return { variance: (1 - r1) / (between * n), degrees: n - g - 2 };
  const learners = (1 - rho2 - rho3) * (1 - r1);
  switch (input.design) {
    case "BIRA2-constant":
      return { variance: (1 - r1) / (between * n * J), degrees: n * J - J - g - 1 };
    case "BIRA2-fixed":
      return { variance: (1 - r1) / (between * n * J), degrees: n * J - 2 * J - g };
    case "BIRA2-random":
      return { variance: (rho2 * effects) / J + ((1 - rho2) * (1 - r1)) / (between * n * J), degrees: J - g - 1 };
    case "CRA2":
      return {
        variance: (rho2 * (1 - r2)) / (between * J) + ((1 - rho2) * (1 - r1)) / (between * n * J),
        degrees: J - g - 2,
      };
    case "CRA3":
      return {
        variance:
          (rho3 * (1 - r3)) / (between * K) + (rho2 * (1 - r2)) / (between * J * K) + learners / (between * n * J * K),
        degrees: K - g - 2,
      };
    case "BCRA3-fixed":
      return {
        variance: (rho2 * (1 - r2)) / (between * J * K) + ((1 - rho2) * (1 - r1)) / (between * n * J * K),
        degrees: K * (J - 2) - g,
      };
    case "BCRA3-random":
      return {
        variance: (rho3 * effects) / K + (rho2 * (1 - r2)) / (between * J * K) + learners / (between * n * J * K),
        degrees: K - g - 1,
      };
  }
}
