import { CairnError } from "../../../errors.ts";
import type { FitContext } from "../../../models/estimator.ts";
import { blendFitted } from "../../../models/playlist/blend.ts";
import { chooseBlendWeights } from "../../../models/playlist/blend-weights.ts";
import type { FittedRecommender, Interactions } from "../../../models/playlist/recommender.ts";
import type { Random } from "../../../numeric/random.ts";
import { blendedModels, type Recommender } from "./candidates.ts";
import { validationNdcg } from "./measure.ts";
import { type PlaylistSplit, trainingOf } from "./split.ts";

const CHOICE_CUT_OFF = 10; // settings, weights and the best model are chosen by NDCG@10 of the validation items
const MOST_WEIGHED = 8000; // users the blend's weights are chosen by: more move them by less than a step of the search

/** A model with the settings the validation items chose. */
export interface Chosen {
  readonly model: FittedRecommender;
  readonly settings: Readonly<Record<string, unknown>>;
  /** NDCG@10 on the validation items. */
  readonly ndcg: number;
  readonly fitSeconds: number;
  readonly epochs: number | undefined;
  /** Fits the same settings on other interactions. */
  refit(interactions: Interactions, context: FitContext): FittedRecommender;
}

/** What choosing needs. */
export interface Choice {
  readonly split: PlaylistSplit;
  /** Who is ranked for the validation items. */
  readonly users: Int32Array;
  readonly rng: Random;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share of this choice, in [0, 1]. */
  readonly onProgress: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fits the recipes on the training items and keeps the one with the best validation NDCG. A recipe that cannot be fitted is passed over.
 * @throws CairnError `CANCELLED`; what the first recipe threw when none could be fitted
 */
export function chooseSettings(recipes: readonly Recommender[], choice: Choice): Chosen {
  const { split, users, rng, clock, signal, onProgress } = choice;
  const training = trainingOf(split);
  let best: Chosen | undefined;
  let failure: CairnError | undefined;
  for (const [i, recipe] of recipes.entries()) {
    try {
      const started = clock();
      const model = recipe.fit(training, {
        rng,
        onProgress: (fraction) => onProgress((i + 0.8 * fraction) / recipes.length), // ranking the validation takes the rest
        ...(signal === undefined ? {} : { signal }),
      });
      const fitSeconds = clock() - started;
      const ndcg = validationNdcg(model, split, users, CHOICE_CUT_OFF, signal);
      if (best === undefined || ndcg > best.ndcg) {
        const refit: Chosen["refit"] = (interactions, context) => recipe.fit(interactions, context);
        best = { model, settings: recipe.parameters, ndcg, fitSeconds, epochs: epochsOf(recipe), refit };
      }
    } catch (error) {
      failure ??= asFailure(error);
    }
    onProgress((i + 1) / recipes.length);
  }
  if (best === undefined) throw failure!;
  return best;
}

function epochsOf({ parameters }: Recommender): number | undefined {
  return typeof parameters.epochs === "number" ? parameters.epochs : undefined;
}

/** The failure of one recipe, which leaves the others; anything else ends the evaluation. */
function asFailure(error: unknown): CairnError {
  if (error instanceof CairnError && error.code !== "CANCELLED") return error;
  if (error instanceof RangeError) {
    return new CairnError("UNAVAILABLE", "expected memory for the model's arrays, got too little", {
      hint: "leave the model out with --models",
      cause: error,
    });
  }
  throw error;
}

/**
 * Blends the models that could be fitted, with weights chosen on the validation items.
 * @param chosen - models by name
 * @throws CairnError `BAD_INPUT` when none of the parts could be fitted; `CANCELLED`
 */
export function chooseBlend(chosen: ReadonlyMap<string, Chosen>, choice: Choice): Chosen {
  const { split, users, clock, signal, onProgress } = choice;
  const started = clock();
  const names = blendedModels.filter((name) => chosen.has(name));
  const parts = names.map((name) => chosen.get(name)!);
  if (parts.length === 0) throw new CairnError("BAD_INPUT", "expected models to blend, got none that could be fitted");
  const weighed = Array.from(users.filter((user) => split.valid[user]!.length > 0).slice(0, MOST_WEIGHED));
  const { weights } = chooseBlendWeights({
    parts: parts.map(({ model }) => model),
    histories: weighed.map((user) => split.train[user]!),
    validation: weighed.map((user) => split.valid[user]!),
    onProgress: (fraction) => onProgress(0.8 * fraction),
    ...(signal === undefined ? {} : { signal }),
  });
  const seconds = clock() - started;
  const combine = (models: readonly FittedRecommender[]): FittedRecommender =>
    blendFitted(models.map((recommender, i) => ({ recommender, weight: weights[i]! })));
  const model = combine(parts.map((part) => part.model));
  const ndcg = validationNdcg(model, split, users, CHOICE_CUT_OFF, signal);
  onProgress(1);
  return {
    model,
    settings: Object.fromEntries(names.map((name, i) => [name, weights[i]!])),
    ndcg,
    fitSeconds: parts.reduce((sum, part) => sum + part.fitSeconds, seconds),
    epochs: undefined,
    refit: (interactions, { rng, ...rest }) =>
      combine(parts.map((part, i) => part.refit(interactions, { ...rest, rng: rng.derive(names[i]!) }))),
  };
}
