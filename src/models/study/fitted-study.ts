import { CairnError } from "../../errors.ts";
import type { Tensors } from "../artifact.ts";
import type { FitContext, FittedModel } from "../estimator.ts";
import type { EffectRow, StudyCaution } from "./trial.ts";

/** The answer of a study: one row, immutable. */
export interface FittedStudy extends FittedModel {
  readonly row: EffectRow;
}

const CAUTIONS: readonly StudyCaution[] = ["FEW_CLUSTERS", "FEW_LEARNERS"]; // stored by position: only ever append
const NUMBERS = 13;

/** Wraps a row as a fitted model that can be written down: thirteen numbers, four counts, one flag per caution. */
export function fittedStudy(row: EffectRow): FittedStudy {
  return {
    kind: row.estimator,
    row,
    encode: () => ({
      metadata: { kind: row.estimator, estimand: row.estimand },
      arrays: {
        numbers: Float64Array.of(
          row.effect,
          row.se,
          row.df,
          ...row.ci,
          row.p,
          row.means.treatment,
          row.means.comparison,
          row.effectSize.g,
          row.effectSize.se,
          ...row.effectSize.ci,
          row.effectSize.improvementIndex,
        ),
        counts: Int32Array.of(
          row.n.treatment,
          row.n.comparison,
          row.clusters?.treatment ?? 0,
          row.clusters?.comparison ?? 0,
        ),
        cautions: Uint8Array.from(CAUTIONS, (caution) => (row.cautions.includes(caution) ? 1 : 0)),
      },
    }),
  };
}

/**
 * The way back from {@link fittedStudy}.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or an array is missing or of another length
 */
export function decodeStudy(kind: string, { metadata, arrays }: Tensors): FittedStudy {
  const { numbers, counts, cautions } = arrays;
  if (metadata.kind !== kind || numbers?.length !== NUMBERS || counts?.length !== 4 || cautions === undefined) {
    throw new CairnError("ARTIFACT_CORRUPT", `expected an artifact of ${kind}, got one of ${metadata.kind}`, {
      hint: "run the study again",
    });
  }
  const [effect, se, df, low, high, p, treated, compared, g, gError, gLow, gHigh, index] = numbers as Float64Array;
  const clusters = counts[2]! > 0 ? { clusters: { treatment: counts[2]!, comparison: counts[3]! } } : {};
  return fittedStudy({
    estimator: kind,
    estimand: "ITT",
    effect: effect!,
    se: se!,
    df: df!,
    ci: [low!, high!],
    p: p!,
    n: { treatment: counts[0]!, comparison: counts[1]! },
    ...clusters,
    means: { treatment: treated!, comparison: compared! },
    effectSize: { g: g!, se: gError!, ci: [gLow!, gHigh!], improvementIndex: index! },
    cautions: CAUTIONS.filter((_, i) => cautions[i] === 1),
  });
}

/**
 * Checks the confidence level of a recipe.
 * @throws CairnError `BAD_INPUT` outside (0, 1)
 */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new CairnError("BAD_INPUT", `expected a confidence level in (0, 1), got ${level}`, { hint: "use 0.95" });
  }
}

/**
 * Stops a fit whose caller asked to.
 * @throws CairnError `CANCELLED`
 */
export function stopIfCancelled(context: FitContext): void {
  if (context.signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the study, got a request to stop");
}
