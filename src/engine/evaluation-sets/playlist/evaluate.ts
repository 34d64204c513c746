import { CairnError } from "../../../errors.ts";
import { blendFitted } from "../../../models/playlist/blend.ts";
import { chooseBlendWeights } from "../../../models/playlist/blend-weights.ts";
import type { FittedRecommender } from "../../../models/playlist/recommender.ts";
import { random } from "../../../numeric/random.ts";
import type { Figure } from "../../evaluation/evaluation.ts";
import { blendedModels, candidateRecipes, playlistModelNames, type Recommender } from "./candidates.ts";
import {
  measurePlaylist,
  type PlaylistMeasurement,
  type PlaylistSplit,
  trainingOf,
  validationNdcg,
} from "./measure.ts";

const CHOICE_CUT_OFF = 10; // settings, weights and the best model are chosen by NDCG@10 of the validation items

/** How one recommender did, and what it took. */
export interface PlaylistModelEvaluation extends PlaylistMeasurement {
  /** What the validation items chose: hyperparameters; for the blend the weight of each part. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** NDCG@10 on the validation items, by which settings and `best` were chosen. */
  readonly validationNdcg: number;
  /** Of the chosen settings; for the blend all its parts and the choice of the weights. */
  readonly fitSeconds: number;
  readonly secondsPerEpoch: Figure;
}

/** What `cairn evaluate playlist` prints. */
export interface PlaylistEvaluation {
  /** User–item pairs. */
  readonly rows: { readonly train: number; readonly valid: number; readonly test: number };
  readonly models: Readonly<Record<string, PlaylistModelEvaluation>>;
  /** The best NDCG@10 on the validation items; the test items have no say. */
  readonly best: string;
}

/** What {@link evaluatePlaylists} takes. */
export interface PlaylistEvaluationInput {
  readonly split: PlaylistSplit;
  /** Cut-offs, such as 10 and 20. */
  readonly at: readonly number[];
  /** Names of models; all when left out. */
  readonly models?: readonly string[];
  readonly seed: string | number;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

interface Chosen {
  readonly model: FittedRecommender;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly ndcg: number;
  readonly fitSeconds: number;
  readonly epochs: number | undefined;
}

/**
 * Fits every model on the training items, chooses its settings on the validation items and measures it on the test items,
 * ranking everything the user has in neither training nor validation.
 * @throws CairnError `BAD_INPUT` for an unknown model, a cut-off that is none, or a split with an empty part; `CANCELLED`, and
 * what a fit throws
 */
export function evaluatePlaylists(input: PlaylistEvaluationInput): PlaylistEvaluation {
  const { split, at, clock, signal, onProgress } = input;
  const rows = checkInput(input);
  const asked = input.models ?? playlistModelNames;
  const needed = new Set(asked.flatMap((name) => (name === "blend" ? blendedModels : [name])));
  const runs = [...needed].reduce((sum, name) => sum + candidateRecipes[name]!.length, 0) + asked.length;
  let finished = 0;
  const advance = (): void => onProgress?.(++finished / runs);
  const chosen = new Map<string, Chosen>();
  for (const name of needed) chosen.set(name, chooseSettings(name, candidateRecipes[name]!, input, advance));
  if (asked.includes("blend")) chosen.set("blend", chooseBlend(chosen, split, clock, signal));
  const models = asked.map((name): [string, PlaylistModelEvaluation] => {
    const { model, settings, ndcg, fitSeconds, epochs } = chosen.get(name)!;
    const measured = measurePlaylist(model, split, at, signal);
    advance();
    const secondsPerEpoch: Figure =
      epochs === undefined ? { status: "undefined", reason: "not fitted in epochs" } : fitSeconds / epochs;
    return [name, { ...measured, settings, validationNdcg: ndcg, fitSeconds, secondsPerEpoch }];
  });
  const best = asked.reduce((a, b) => (chosen.get(b)!.ndcg > chosen.get(a)!.ndcg ? b : a));
  return { rows, models: Object.fromEntries(models), best };
}

function chooseSettings(
  name: string,
  recipes: readonly Recommender[],
  { split, seed, clock, signal }: PlaylistEvaluationInput,
  advance: () => void,
): Chosen {
  const training = trainingOf(split);
  let best: Chosen | undefined;
  for (const recipe of recipes) {
    const started = clock();
    const context = { rng: random(seed).derive(name), ...(signal === undefined ? {} : { signal }) };
    const model = recipe.fit(training, context);
    const fitSeconds = clock() - started;
    const ndcg = validationNdcg(model, split, CHOICE_CUT_OFF, signal);
    const { epochs } = recipe.parameters;
    if (best === undefined || ndcg > best.ndcg) {
      const counted = typeof epochs === "number" ? epochs : undefined;
      best = { model, settings: recipe.parameters, ndcg, fitSeconds, epochs: counted };
    }
    advance();
  }
  return best!;
}

function chooseBlend(
  chosen: ReadonlyMap<string, Chosen>,
  split: PlaylistSplit,
  clock: () => number,
  signal: AbortSignal | undefined,
): Chosen {
  const started = clock();
  const parts = blendedModels.map((name) => chosen.get(name)!);
  const { weights } = chooseBlendWeights({
    parts: parts.map(({ model }) => model),
    histories: split.train,
    validation: split.valid,
    ...(signal === undefined ? {} : { signal }),
  });
  const seconds = clock() - started;
  const model = blendFitted(parts.map((part, i) => ({ recommender: part.model, weight: weights[i]! })));
  return {
    model,
    settings: Object.fromEntries(blendedModels.map((name, i) => [name, weights[i]!])),
    ndcg: validationNdcg(model, split, CHOICE_CUT_OFF, signal),
    fitSeconds: parts.reduce((sum, part) => sum + part.fitSeconds, seconds),
    epochs: undefined,
  };
}

function checkInput({ split, at, models }: PlaylistEvaluationInput): PlaylistEvaluation["rows"] {
  if (at.length === 0 || at.some((k) => !Number.isInteger(k) || k < 1)) {
    throw new CairnError("BAD_INPUT", `expected cut-offs of 1 or more, got ${at.join(", ") || "none"}`, {
      hint: "10 or 10,20",
    });
  }
  const unknown = models?.find((name) => !playlistModelNames.includes(name));
  if (unknown !== undefined || models?.length === 0) {
    throw new CairnError("BAD_INPUT", `expected models to evaluate, got ${unknown ?? "none"}`, {
      hint: `choose from ${playlistModelNames.join(", ")}`,
    });
  }
  const count = (part: readonly Int32Array[]): number => part.reduce((sum, items) => sum + items.length, 0);
  const rows = { train: count(split.train), valid: count(split.valid), test: count(split.test) };
  const empty = Object.entries(rows).find(([, pairs]) => pairs === 0);
  if (empty !== undefined) {
    throw new CairnError("BAD_INPUT", `expected items in every part, got none in ${empty[0]}`, {
      hint: "give more events, or another split",
    });
  }
  return rows;
}
