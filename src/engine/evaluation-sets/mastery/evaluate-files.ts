import { CairnError } from "../../../errors.ts";
import { useTensors } from "../../tensors.ts";
import {
  evaluateMastery,
  evaluateMasteryFolds,
  type MasteryEvaluation,
  type MasteryEvaluationOptions,
} from "./evaluate-mastery.ts";
import { type ResponseFormat, readResponseFile } from "./response-file.ts";
import { type MasteryLog, masteryLogOf } from "./response-log.ts";

const SUSPICIOUS = 0.05; // share of repeated rows: about 0 in merged ASSISTments 2009, .157 before merging

/** The files of an evaluation: a training and a test file, or one file with folds. */
export interface MasteryFiles {
  readonly train?: string | undefined;
  readonly test?: string | undefined;
  readonly data?: string | undefined;
  readonly format: ResponseFormat;
  /** With `data`: the folds to test on in turn; all when left out. */
  readonly folds?: readonly number[] | "all" | undefined;
}

/** An evaluation, and what a reader should know about the files. */
export interface MasteryFilesEvaluation {
  readonly evaluation: MasteryEvaluation;
  readonly notes: readonly string[];
}

/**
 * Reads the files and evaluates: {@link evaluateMastery} on a training and a test file, {@link evaluateMasteryFolds} on a file
 * with folds. Learners with the same id in both files are refused, because their answers would be known in advance.
 * @throws CairnError `BAD_INPUT` for files that do not go together or a bad cell (with line and column), `UNREADABLE_FILE`,
 * and whatever the evaluation throws
 */
export async function evaluateMasteryFiles(
  { train, test, data, format, folds }: MasteryFiles,
  options: MasteryEvaluationOptions,
): Promise<MasteryFilesEvaluation> {
  options.onProgress?.(0); // large files take seconds to read
  await useTensors();
  if (data !== undefined && train === undefined && test === undefined && format === "akt") {
    const read = masteryLogOf(await readResponseFile(data, format), format);
    return {
      evaluation: evaluateMasteryFolds(read.log, read.fold, folds ?? "all", options),
      notes: notesOn("data", read),
    };
  }
  if (data !== undefined || train === undefined || test === undefined || folds !== undefined) {
    throw new CairnError(
      "BAD_INPUT",
      "expected --train and --test, or --data with --format akt, got another combination",
      {
        hint: "cairn evaluate mastery --train FILE --test FILE --format lpp, or --data FILE --format akt --folds all",
      },
    );
  }
  const trainRows = await readResponseFile(train, format);
  const testRows = await readResponseFile(test, format);
  const known = new Set(trainRows.map(({ learner }) => learner));
  const shared = new Set(testRows.filter(({ learner }) => known.has(learner)).map(({ learner }) => learner)).size;
  if (shared > 0) {
    throw new CairnError("BAD_INPUT", `expected other learners in the test file, got ${shared} that are in both`, {
      hint: "split by learner, or give the learners of the test file other ids",
    });
  }
  const logs = [masteryLogOf(trainRows, format), masteryLogOf(testRows, format)] as const;
  return {
    evaluation: evaluateMastery(logs[0].log, logs[1].log, options),
    notes: [...notesOn("train", logs[0]), ...notesOn("test", logs[1])],
  };
}

function notesOn(name: string, { log, merged, repeated }: MasteryLog): string[] {
  const rows = `${name}: ${log.outcome.length} responses, ${log.learnerStart.length - 1} learners, ${log.items.length} items, ${log.skills.length} skills`;
  return [
    merged === 0 ? rows : `${rows}; ${merged} rows were further skills of a response and are merged into it`,
    ...(repeated > SUSPICIOUS
      ? [
          `${name}: ${(100 * repeated).toFixed(1)} % of the rows repeat the item and outcome of the row before with another skill: they look like one row per skill, and every figure is too high`,
        ]
      : []),
  ];
}
