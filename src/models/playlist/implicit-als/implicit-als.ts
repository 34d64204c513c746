import { CairnError } from "../../../errors.ts";
import type { FactorSolver } from "../../../numeric/kernels/implicit-als.ts";
import type { Estimator } from "../../estimator.ts";
import { checkInteractions, type Interactions, readRecommender, stopIfCancelled } from "../recommender.ts";
import { alternate } from "./alternate.ts";
import { type FittedImplicitAls, fittedImplicitAls, IMPLICIT_ALS, type Settings, settingsNames } from "./model.ts";

/** Settings of {@link implicitAls}. */
export interface ImplicitAlsOptions {
  /** d, 1 to 1,024: length of an embedding. Default 64. */
  readonly dimensions?: number;
  /** α0, above 0: the weight of every learner–activity pair, observed or not, at target 0. Default 0.5. */
  readonly unobservedWeight?: number;
  /** λ, above 0. Default 0.01, the best on MovieLens 100K; 0.005 with six times the learners. */
  readonly regularization?: number;
  /** ν in [0, 1]: a row's penalty is λ·nᵛ with n its weight, observed and not; 1 (the default) shrinks all rows alike. */
  readonly frequencyExponent?: number;
  /** Passes over learners and activities, 1 or more. Default 16. */
  readonly epochs?: number;
  /** `conjugate-gradients` (the default) takes a few steps per row and pass; `cholesky` solves each row exactly, five times slower at d = 64 with the same quality. A learner is always folded in exactly. */
  readonly solver?: FactorSolver;
  /** Steps of conjugate gradients per row and pass, 1 or more. Default 3. */
  readonly steps?: number;
}

/**
 * iALS: learners and activities as short vectors whose product is near 1 where something was done and near 0 elsewhere,
 * fitted by alternating ridge regressions over all pairs. The loss is
 * Σ_observed c(w·h − 1)² + α0 Σ_all (w·h)² + λ[Σ_u n_u^ν‖w_u‖² + Σ_i n_i^ν‖h_i‖²].
 * Only activities are kept: a learner, seen before or not, is folded in exactly from the history. Scales with the number of
 * interactions, so it is the choice above the ten thousand activities of EASE.
 *
 * Not for activities nobody did yet: they score 0.
 * @throws CairnError `BAD_INPUT` when an option is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`,
 * `SINGULAR` (λ too small for the data), `CANCELLED`
 * @see Rendle, Krichene, Zhang and Koren (2022), Revisiting the Performance of iALS, eq. 1–4, arXiv 2110.14037; conjugate
 * gradients: Takács, Pilászy and Tikk (2011), RecSys
 */
export function implicitAls(options: ImplicitAlsOptions = {}): Estimator<Interactions, FittedImplicitAls> {
  const {
    dimensions = 64,
    unobservedWeight = 0.5,
    regularization = 0.01,
    frequencyExponent = 1,
    epochs = 16,
    solver = "conjugate-gradients",
    steps = 3,
  } = options;
  checkCount("dimensions", dimensions, 1024);
  checkCount("epochs", epochs, 10_000);
  checkCount("steps", steps, 10_000);
  checkPositive("unobservedWeight", unobservedWeight);
  checkPositive("regularization", regularization);
  if (!(frequencyExponent >= 0 && frequencyExponent <= 1)) {
    throw new CairnError("BAD_INPUT", `expected a frequencyExponent in [0, 1], got ${frequencyExponent}`);
  }
  if (solver !== "cholesky" && solver !== "conjugate-gradients") {
    throw new CairnError("BAD_INPUT", `expected the solver cholesky or conjugate-gradients, got ${String(solver)}`);
  }
  const settings: Settings = { dimensions, unobservedWeight, regularization, frequencyExponent };
  return {
    kind: IMPLICIT_ALS,
    parameters: { ...settings, epochs, solver, steps },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const factors = alternate(interactions, { ...settings, epochs, solver, steps }, context);
      return fittedImplicitAls([...interactions.activities], factors, settings);
    },
    decode(tensors) {
      const names = settingsNames.length;
      const { activities, values } = readRecommender(IMPLICIT_ALS, tensors, "settings", () => names);
      const read = Object.fromEntries(settingsNames.map((name, i) => [name, values[i]!])) as unknown as Settings;
      const { factors } = tensors.arrays;
      if (!(factors instanceof Float32Array) || factors.length !== activities.length * read.dimensions) {
        throw new CairnError("ARTIFACT_CORRUPT", "expected one embedding per activity, got others", {
          hint: "train the model again",
        });
      }
      return fittedImplicitAls(activities, factors, read);
    },
  };
}

function checkCount(name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 1 && value <= most)) {
    throw new CairnError("BAD_INPUT", `expected ${name} from 1 to ${most}, got ${value}`);
  }
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new CairnError("BAD_INPUT", `expected a ${name} above 0, got ${value}`, {
      hint: "start with unobservedWeight 0.5 and regularization 0.01",
    });
  }
}
