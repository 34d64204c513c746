import { CairnError } from "../../../errors.ts";
import { type Random, random } from "../../../numeric/random.ts";
import type { Figure } from "../../evaluation/evaluation.ts";
import { blendedModels, playlistModelNames, recipesFor, sizeOf, timedModels } from "./candidates.ts";
import { type Choice, type Chosen, chooseBlend, chooseSettings } from "./choose.ts";
import { type Interval, percentileInterval } from "./intervals.ts";
import { type MeasuredLists, measurePlaylist, type PlaylistMeasurement } from "./measure.ts";
import { interactionsOf, type PlaylistSplit, usersToRank, withValidation } from "./split.ts";
import { auditSubgroups, type SubgroupAudit, type Subgroups } from "./subgroups.ts";

/** How one recommender did, and what it took. */
export interface PlaylistModelEvaluation extends PlaylistMeasurement {
  /** What the validation items chose: hyperparameters; for the blend the weight of each part. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** NDCG@10 on the validation items, by which settings and `best` were chosen. */
  readonly validationNdcg: number;
  /** NDCG of `best` less this model's, at the first cut-off, with the interval of the difference over the same users. */
  readonly behindBest: { readonly difference: number; readonly interval: Interval };
  /** Of the chosen settings; for the blend all its parts and the choice of the weights. */
  readonly fitSeconds: number;
  readonly secondsPerEpoch: Figure;
}

/** What `cairn evaluate playlist` prints. */
export interface PlaylistEvaluation {
  /** User–item pairs. */
  readonly rows: { readonly train: number; readonly valid: number; readonly test: number };
  /** All users, and those whose lists were made: fewer where everything would take too long. */
  readonly users: { readonly all: number; readonly ranked: number };
  readonly models: Readonly<Record<string, PlaylistModelEvaluation>>;
  /** Why a model could not be fitted. */
  readonly failed: Readonly<Record<string, string>>;
  /** The best NDCG@10 on the validation items; the test items have no say. */
  readonly best: string;
  /** The best model's settings fitted anew on training and validation items: another experiment than `models`. */
  readonly refitted?: PlaylistMeasurement | Exclude<Figure, number>;
  /** Of the best model's lists. */
  readonly subgroups?: SubgroupAudit;
}

/** What {@link evaluatePlaylists} takes. */
export interface PlaylistEvaluationInput {
  readonly split: PlaylistSplit;
  /** Cut-offs, such as 10 and 20. */
  readonly at: readonly number[];
  /** Names of models; all that the split allows when left out. */
  readonly models?: readonly string[];
  readonly seed: string | number;
  /** Whether to fit the best model once more on training and validation items. */
  readonly isRefitted?: boolean;
  readonly subgroups?: Subgroups;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fits every model on the training items, chooses its settings on the validation items and measures it on the test items,
 * ranking everything the user has in neither training nor validation. A model that cannot be fitted is told under `failed`.
 * @throws CairnError `BAD_INPUT` for an unknown model, a cut-off that is none, or a split with an empty part; `CANCELLED`, and
 * what the first fit threw when no model could be fitted
 */
export function evaluatePlaylists(input: PlaylistEvaluationInput): PlaylistEvaluation {
  const { split, at, signal } = input;
  const rows = checkInput(input);
  const rng = random(input.seed);
  const asked = input.models ?? playlistModelNames.filter((name) => split.trainTimes || !timedModels.includes(name));
  const { chosen, failures } = chooseModels(asked, input, rng);
  const fitted = asked.filter((name) => chosen.has(name));
  if (fitted.length === 0) throw failures.get(asked[0]!)!;
  const best = fitted.reduce((a, b) => (chosen.get(b)!.ndcg > chosen.get(a)!.ndcg ? b : a));
  const users = usersToRank(split, split.test, rng.derive("test users"));
  const measure = (name: string): MeasuredLists =>
    measurePlaylist(chosen.get(name)!.model, split, users, at, rng.derive("draws"), signal);
  const bestLists = measure(best);
  const models = fitted.map((name): [string, PlaylistModelEvaluation] => {
    const measured = name === best ? bestLists : measure(name);
    return [name, report(chosen.get(name)!, measured, bestLists, String(at[0]!))];
  });
  const evaluation: PlaylistEvaluation = {
    rows,
    users: { all: split.train.length, ranked: users.length },
    models: Object.fromEntries(models),
    failed: Object.fromEntries([...failures].map(([name, error]) => [name, wordsOf(error)])),
    best,
    ...(input.isRefitted ? { refitted: refit(chosen.get(best)!, best, input, users, rng) } : {}),
    ...(input.subgroups === undefined
      ? {}
      : { subgroups: auditSubgroups(split, bestLists.ranked, input.subgroups, at[0]!, rng.derive("subgroups")) }),
  };
  input.onProgress?.(1);
  return evaluation;
}

const CHOOSING = 0.9; // of the progress: the rest is the measurement

function chooseModels(
  asked: readonly string[],
  { split, clock, signal, onProgress }: PlaylistEvaluationInput,
  rng: Random,
): { chosen: ReadonlyMap<string, Chosen>; failures: ReadonlyMap<string, CairnError> } {
  const recipes = recipesFor(sizeOf(split));
  const parts = asked.flatMap((name) => (name === "blend" ? blendedModels : [name]));
  const needed = [...new Set([...parts, ...(asked.includes("blend") ? ["blend"] : [])])];
  const users = usersToRank(split, split.valid, rng.derive("validation users"));
  const chosen = new Map<string, Chosen>();
  const failures = new Map<string, CairnError>();
  for (const [i, name] of needed.entries()) {
    const choice: Choice = {
      split,
      users,
      rng: rng.derive(name),
      clock,
      onProgress: (fraction) => onProgress?.((CHOOSING * (i + fraction)) / needed.length),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      chosen.set(name, name === "blend" ? chooseBlend(chosen, choice) : chooseSettings(recipes[name]!, choice));
    } catch (error) {
      if (!(error instanceof CairnError) || error.code === "CANCELLED") throw error;
      failures.set(name, error);
    }
  }
  return { chosen, failures };
}

function report(
  { settings, ndcg, fitSeconds, epochs }: Chosen,
  { figures, drawnNdcg, judged }: MeasuredLists,
  best: MeasuredLists,
  cutOff: string,
): PlaylistModelEvaluation {
  const [own, first] = [figures.ndcg[cutOff], best.figures.ndcg[cutOff]];
  return {
    ...figures,
    settings,
    validationNdcg: ndcg,
    behindBest: {
      difference: typeof own === "number" && typeof first === "number" ? first - own : 0,
      interval: percentileInterval(
        best.drawnNdcg.map((gain, draw) => gain - drawnNdcg[draw]!),
        judged,
      ),
    },
    fitSeconds,
    secondsPerEpoch:
      epochs === undefined ? { status: "undefined", reason: "not fitted in epochs" } : fitSeconds / epochs,
  };
}

/** The chosen settings on training and validation items, which then are the users' history, too. */
function refit(
  best: Chosen,
  name: string,
  { split, at, signal }: PlaylistEvaluationInput,
  users: Int32Array,
  rng: Random,
): NonNullable<PlaylistEvaluation["refitted"]> {
  if (timedModels.includes(name)) {
    return {
      status: "undefined",
      reason: `${name} needs the times of the validation items, which the split leaves out`,
    };
  }
  const both = withValidation(split);
  const context = { rng: rng.derive(name), ...(signal === undefined ? {} : { signal }) };
  const model = best.refit(interactionsOf(both.items, both.train, undefined), context);
  return measurePlaylist(model, both, users, at, rng.derive("draws"), signal).figures;
}

function wordsOf({ message, hint }: CairnError): string {
  return hint === undefined ? message : `${message}; ${hint}`;
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
      hint: "recbole holds out a tenth of each user's items, so it needs ten of one user; temporal needs events at different times",
    });
  }
  return rows;
}
