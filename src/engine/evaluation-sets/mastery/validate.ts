import { CairnError } from "../../../errors.ts";
import { type ItemResponseLog, takeLearners } from "../../../models/mastery/item-log.ts";
import { logLoss } from "../../../numeric/metrics/log-loss.ts";
import { random } from "../../../numeric/random.ts";
import { applyBlend, type Blend, fitBlend } from "./blend.ts";
import { masteryBlends } from "./models.ts";
import { fitAndPredict, type ModelRun, type RunOptions } from "./run-models.ts";

const VALIDATION = 5; // one learner in five judges
const ENOUGH_ROWS = 250_000; // of a larger training set a draw of learners with about as many rows is validated on

/** What the training rows alone say about models. */
export interface Validation {
  /** By model and blend: mean log loss on learners held out of the training rows, in nats. */
  readonly losses: Readonly<Record<string, number>>;
  readonly blends: Readonly<Record<string, Blend>>;
  /** What each model took. */
  readonly runs: Readonly<Record<string, ModelRun>>;
}

/**
 * Fits the models on four fifths of the training learners and asks the others: which model is best, and how blends weigh
 * theirs. A blend is judged on learners its weights were not fitted on (two halves in turn); the weights given come from both.
 * @param models - names to fit; a blend's own models are among them
 * @throws CairnError `BAD_INPUT` with fewer than two training learners
 */
export function validateModels(
  train: ItemResponseLog,
  models: readonly string[],
  blends: readonly string[],
  options: RunOptions,
): Validation {
  const { fitting, judging } = drawJudges(train, options.seed);
  const runs = fitAndPredict(fitting, judging, models, options);
  const outcome = judging.outcome;
  const predictionsOf = (blend: string): Record<string, Float64Array> =>
    Object.fromEntries(masteryBlends[blend]!.map((name) => [name, runs[name]!.predicted]));
  const weights = blends.map((name): [string, Blend] => [name, fitBlend(predictionsOf(name), outcome)]);
  const losses = [
    ...models.map((name): [string, number] => [name, lossOf(outcome, runs[name]!.predicted)]),
    ...blends.map((name): [string, number] => [name, lossOf(outcome, crossFitted(judging, predictionsOf(name)))]),
  ];
  return { losses: Object.fromEntries(losses), blends: Object.fromEntries(weights), runs };
}

function lossOf(outcome: Uint8Array, predicted: Float64Array): number {
  const loss = logLoss(outcome, predicted);
  return loss.status === "undefined" ? Number.POSITIVE_INFINITY : loss.value;
}

function drawJudges(
  train: ItemResponseLog,
  seed: string | number,
): { fitting: ItemResponseLog; judging: ItemResponseLog } {
  const learners = train.learnerStart.length - 1;
  if (learners < 2) {
    throw new CairnError("BAD_INPUT", `expected two training learners or more to choose a model, got ${learners}`, {
      hint: "ask for one model with --models",
    });
  }
  const order = Int32Array.from({ length: learners }, (_, learner) => learner);
  const rng = random(seed).derive("validation");
  for (let i = learners - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  let [used, rows] = [0, 0];
  while (used < learners && (used < 2 || rows < ENOUGH_ROWS)) {
    rows += train.learnerStart[order[used]! + 1]! - train.learnerStart[order[used]!]!;
    used++;
  }
  const judges = Math.max(1, Math.floor(used / VALIDATION));
  return {
    fitting: takeLearners(train, order.slice(judges, used).sort()),
    judging: takeLearners(train, order.slice(0, judges).sort()),
  };
}

/** The blend's probabilities where every second learner is weighed by the others. */
function crossFitted(log: ItemResponseLog, predicted: Readonly<Record<string, Float64Array>>): Float64Array {
  const half = new Uint8Array(log.outcome.length);
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++)
    half.fill(learner % 2, log.learnerStart[learner]!, log.learnerStart[learner + 1]!);
  const out = new Float64Array(half.length);
  for (const own of [0, 1]) {
    const others = Int32Array.from(half.keys()).filter((row) => half[row] !== own);
    const there = Object.entries(predicted).map(([name, values]) => [
      name,
      Float64Array.from(others, (row) => values[row]!),
    ]);
    const blend = fitBlend(
      Object.fromEntries(there),
      Uint8Array.from(others, (row) => log.outcome[row]!),
    );
    const blended = applyBlend(blend, predicted);
    for (let row = 0; row < out.length; row++) if (half[row] === own) out[row] = blended[row]!;
  }
  return out;
}
