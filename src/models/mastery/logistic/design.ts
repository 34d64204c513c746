import type { ItemResponseLog } from "../item-log.ts";
import type { ColumnGroups } from "../sparse/preconditioner.ts";
import { type SparseRows, sparseRowsBuilder } from "../sparse/sparse-rows.ts";
import type { FeatureBlock, Push, Vocabulary } from "./block.ts";
import { type LearnerHistory, newHistory, observe, type Question } from "./history.ts";

/** Where a block's columns lie in the design. */
export interface PlacedBlock {
  readonly block: FeatureBlock;
  readonly first: number;
  readonly width: number;
}

/** The blocks side by side; the last column of all is the intercept. */
export interface Layout {
  readonly blocks: readonly PlacedBlock[];
  /** Columns of all blocks and the intercept. */
  readonly cols: number;
}

/** Puts blocks side by side. */
export function layOut(blocks: readonly FeatureBlock[], vocabulary: Vocabulary): Layout {
  let first = 0;
  const placed = blocks.map((block) => {
    const width = block.columns(vocabulary);
    first += width;
    return { block, first: first - width, width };
  });
  return { blocks: placed, cols: first + 1 };
}

/** Shared columns and the intercept are one group, the columns of each skill another: they resemble each other. */
export function groupColumns({ blocks, cols }: Layout, skills: number): ColumnGroups {
  const group = new Int32Array(cols).fill(-1);
  group[cols - 1] = 0;
  for (const { block, first, width } of blocks) {
    if (block.layout === "shared") group.fill(0, first, first + width);
    if (block.layout === "skill")
      for (let i = 0; i < width; i++) group[first + i] = 1 + Math.floor((i * skills) / width);
  }
  return { group, count: 1 + skills };
}

/** Writes one row: the non-zeros of all blocks, and the intercept. */
export function writeRow(
  { blocks, cols }: Layout,
  history: LearnerHistory,
  question: Question,
  vocabulary: Vocabulary,
  push: Push,
): void {
  for (const { block, first } of blocks)
    block.write(history, question, vocabulary, (column, value) => push(first + column, value));
  push(cols - 1, 1);
}

/** How a log's numbers translate into a model's columns; −1 for what the model does not know. */
export interface Translation {
  /** Shape (items of the log). */
  readonly items: Int32Array;
  /** Shape (skills of the log). */
  readonly skills: Int32Array;
}

/** Log-odds of a right answer to a row's item by an average learner. */
export type EasinessOf = (row: number, learner: number) => number;

/**
 * Walks a log learner by learner and shows each question with what was known before it: the answer is taken in after
 * `visit` returns, so no row can see its own outcome.
 */
export function walk(
  log: ItemResponseLog,
  translation: Translation,
  easinessOf: EasinessOf,
  visit: (row: number, history: LearnerHistory, question: Question) => void,
  onLearner: (learner: number) => void = () => undefined,
): void {
  const sets: (readonly number[])[] = [];
  const setColumns: (readonly number[])[] = [];
  for (let set = 0; set + 1 < log.skillPtr.length; set++) {
    const members = Array.from(log.skillIdx.subarray(log.skillPtr[set]!, log.skillPtr[set + 1]!));
    sets.push(members);
    setColumns.push(members.map((skill) => translation.skills[skill]!));
  }
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    onLearner(learner);
    const history = newHistory();
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      const item = log.item[row]!;
      const set = log.skillSet[row]!;
      const question = {
        item,
        itemColumn: translation.items[item]!,
        skills: sets[set]!,
        skillColumns: setColumns[set]!,
        time: log.time?.[row],
      };
      visit(row, history, question);
      observe(history, question, log.outcome[row]!, easinessOf(row, learner));
    }
  }
}

/** The design of a log as a sparse matrix, one row per response. */
export function buildDesign(
  log: ItemResponseLog,
  layout: Layout,
  vocabulary: Vocabulary,
  translation: Translation,
  easinessOf: EasinessOf,
  onLearner?: (learner: number) => void,
): SparseRows {
  const builder = sparseRowsBuilder(log.outcome.length, 16);
  walk(
    log,
    translation,
    easinessOf,
    (_row, history, question) => {
      writeRow(layout, history, question, vocabulary, builder.push);
      builder.endRow();
    },
    onLearner,
  );
  return builder.finish(layout.cols);
}
