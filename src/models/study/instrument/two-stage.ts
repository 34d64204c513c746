import { CairnError } from "../../../errors.ts";
import { dot, fromColumns, timesVector } from "../../../numeric/linear/dense.ts";
import { type LeastSquares, predictLinear, rotateContrast } from "../../../numeric/linear/least-squares.ts";
import { solvePositive } from "../../../numeric/linear/symmetric.ts";
import { clusterSandwich } from "../regression/cluster-robust.ts";
import type { Inference } from "../regression/inference.ts";
import { contrastOf, intercept, linearModel, type Term } from "../regression/linear-model.ts";
import { inferContrast, type StandardError } from "../regression/robust.ts";

/** What a two-stage estimate rests on. */
export interface InstrumentedEffect extends Inference {
  /** Effect of the instruments on the treatment: F that all are zero, robust as the estimate is. */
  readonly firstStage: { readonly f: number; readonly numerator: number; readonly denominator: number };
  /** With one instrument: its effect on the treatment and on the outcome. */
  readonly onTreatment: Inference | null;
  readonly onOutcome: Inference | null;
}

/** The parts of an instrumental-variable question. */
export interface Instrumented {
  /** Shape (rows), finite. */
  readonly outcome: Float64Array;
  /** The treatment received: 0/1, or a dose. */
  readonly received: Float64Array;
  /** What moved the treatment but not the outcome otherwise: a lottery, an encouragement, a rule. */
  readonly instruments: readonly Term[];
  readonly covariates: readonly Term[];
  /** Shape (rows), ids. */
  readonly cluster?: Int32Array;
}

/**
 * Two-stage least squares. Standard errors: classical or HC0/HC1 (n − p degrees of freedom) without clusters; CR0, CR1 or CR1S with them
 * (m − 1 degrees). Residuals are those of the treatment itself, not of its prediction.
 * @param kind - default HC1, or CR1S with clusters
 * @throws CairnError `BAD_INPUT` for a standard error that is not defined here, or without an instrument; `SINGULAR` when the instruments
 * do not move the treatment
 * @see Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, chapter 5; handbook 2.2
 */
export function twoStage(
  data: Instrumented,
  kind: StandardError = data.cluster === undefined ? "HC1" : "CR1S",
): InstrumentedEffect {
  if (data.instruments.length === 0) {
    throw new CairnError("BAD_INPUT", "expected an instrument, got none", { hint: "name the lottery or the rule" });
  }
  const rows = data.outcome.length;
  const base = [intercept(rows), ...data.covariates];
  const first = linearModel([...base, ...data.instruments], data.received);
  const kept = data.instruments.filter((_, k) => first.fit.kept.includes(base.length + k));
  if (kept.length === 0) {
    throw new CairnError("SINGULAR", "expected instruments that vary, got none beyond the covariates", {
      hint: "an instrument that covariates determine moves nothing",
    });
  }
  const predicted: Term = {
    name: "(received)",
    values: data.received.map((value, row) => value - first.fit.residuals[row]!),
  };
  const second = linearModel([predicted, ...base], data.outcome);
  contrastOf(second, predicted.name); // refuses a treatment the instruments do not move
  const actual = fromColumns([data.received, ...base.map(({ values }) => values)]);
  const own = predictLinear(second.fit, actual);
  const fit: LeastSquares = { ...second.fit, residuals: data.outcome.map((value, row) => value - own[row]!) };
  const effect = inferTwoStage(fit, contrastOf(second, predicted.name), kind, data.cluster);
  const reduced = linearModel([...base, ...data.instruments], data.outcome);
  const only = kept.length === 1 ? kept[0]!.name : undefined;
  return {
    ...effect,
    firstStage: jointF(
      first,
      kept.map(({ name }) => name),
      kind,
      data.cluster,
    ),
    onTreatment: only === undefined ? null : inferTwoStage(first.fit, contrastOf(first, only), kind, data.cluster),
    onOutcome: only === undefined ? null : inferTwoStage(reduced.fit, contrastOf(reduced, only), kind, data.cluster),
  };
}

function inferTwoStage(
  fit: LeastSquares,
  contrast: Float64Array,
  kind: StandardError,
  cluster?: Int32Array,
): Inference {
  if (kind === "classical" || kind === "HC0" || kind === "HC1") return inferContrast(fit, contrast, kind);
  if (kind !== "CR0" && kind !== "CR1" && kind !== "CR1S") {
    throw new CairnError("BAD_INPUT", `expected classical, HC0, HC1, CR0, CR1 or CR1S for two stages, got ${kind}`, {
      hint: "leverage corrections are defined for one stage",
    });
  }
  const { estimate, se } = inferContrast(fit, contrast, kind, cluster);
  return { estimate, se, df: new Set(cluster).size - 1 };
}

/** Wald's F that the named coefficients are zero, with the variance of the chosen kind. */
function jointF(
  model: ReturnType<typeof linearModel>,
  names: readonly string[],
  kind: StandardError,
  cluster?: Int32Array,
) {
  const contrasts = names.map((name) => contrastOf(model, name));
  if (names.length > 1 && kind.startsWith("CR") && cluster !== undefined) {
    const joint = clusterSandwich(model.fit, cluster, kind as "CR1S").joint(contrasts);
    return { f: joint.q / names.length, numerator: names.length, denominator: new Set(cluster).size - 1 };
  }
  if (names.length === 1) {
    const { estimate, se, df } = inferTwoStage(model.fit, contrasts[0]!, kind, cluster);
    return { f: (estimate / se) ** 2, numerator: 1, denominator: df };
  }
  // Several instruments without clusters: rows as clusters of one give the HC0 covariance, scaled for HC1.
  const each = Int32Array.from({ length: model.fit.rows }, (_, row) => row);
  const degrees = model.fit.rows - model.fit.kept.length;
  const joint = waldQ(model.fit, contrasts, each);
  const scale = kind === "HC1" ? degrees / model.fit.rows : 1;
  return { f: (joint * scale) / names.length, numerator: names.length, denominator: degrees };
}

function waldQ(fit: LeastSquares, contrasts: readonly Float64Array[], each: Int32Array): number {
  const restricted = contrasts.map((contrast) => dot(contrast, fit.coefficients));
  const size = contrasts.length;
  const rotated = contrasts.map((contrast) => timesVector(fit.rotated, rotateContrast(fit, contrast)));
  const covariance = Float64Array.from({ length: size * size }, (_, i) => {
    const [a, b] = [rotated[Math.floor(i / size)]!, rotated[i % size]!];
    let sum = 0;
    for (const row of each) sum += a[row]! * b[row]! * fit.residuals[row]! ** 2;
    return sum;
  });
  return dot(restricted, solvePositive({ rows: size, cols: size, data: covariance }, restricted));
}
