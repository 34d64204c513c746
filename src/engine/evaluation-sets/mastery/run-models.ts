import type { ItemResponseLog } from "../../../models/mastery/item-log.ts";
import { random } from "../../../numeric/random.ts";
import type { Seconds } from "./measure.ts";
import { masteryModels } from "./models.ts";

/** How a run goes. */
export interface RunOptions {
  readonly seed: string | number;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** What one model said, and how long it took. */
export interface ModelRun {
  /** Shape (rows of the asked log). */
  readonly predicted: Float64Array;
  readonly seconds: Seconds;
}

/** Fits every model on one log and asks it about another; the seed of a model does not depend on the others. */
export function fitAndPredict(
  train: ItemResponseLog,
  asked: ItemResponseLog,
  names: readonly string[],
  { seed, clock, onProgress, signal }: RunOptions,
): Readonly<Record<string, ModelRun>> {
  const runs = names.map((name, index): [string, ModelRun] => {
    const started = clock();
    const fitted = masteryModels[name]!.fit(train, {
      rng: random(seed).derive(name),
      onProgress: (fraction) => onProgress?.((index + fraction) / names.length),
      ...(signal === undefined ? {} : { signal }),
    });
    const ready = clock();
    const predicted = new Float64Array(asked.outcome.length);
    fitted.predictNext(asked, predicted);
    return [name, { predicted, seconds: { fitSeconds: ready - started, predictSeconds: clock() - ready } }];
  });
  return Object.fromEntries(runs);
}
