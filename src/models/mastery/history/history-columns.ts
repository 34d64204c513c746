import type { ItemResponseLog } from "../item-log.ts";
import { recordLogit } from "../logistic/block.ts";
import { type EasinessOf, type Translation, walk } from "../logistic/design.ts";
import {
  type LearnerHistory,
  OVERALL_DECAYS,
  type Question,
  SKILL_DECAYS,
  sameSkills,
  skillForm,
} from "../logistic/history.ts";

const COUNT_SCALE = 1 / 3; // ln(1 + 400) / 3 is about 2: counts in the range of the other columns
const LONGEST_RUN = 6;

/** Names of the columns of {@link historyColumns}, in their order. All are known before the response. */
export const historyColumnNames: readonly string[] = [
  "easiness", // log-odds of a right answer by an average learner
  "ability",
  "ability uncertainty",
  "form on the skills",
  "expected", // ability + form + easiness
  "recent success, decay .7",
  "recent success, decay .9",
  "recent success, decay .98",
  "recent success on the skills, decay .6",
  "recent success on the skills, decay .85",
  "success so far",
  "success on the skills so far",
  "responses",
  "responses on the skills",
  "share of new skills",
  "responses since the skills",
  "run on the skills",
  "responses on the item",
  "right responses on the item",
  "last outcome",
  "last outcome but one",
  "streak on these skills",
  "success in the streak",
  "same skills as before",
  "same item as before",
];

/** Width of {@link historyColumns}. */
export const HISTORY_WIDTH: number = historyColumnNames.length;

/**
 * What a learner's history says before each response, as a dense table for models that find their own interactions: counts are
 * logarithms, rates are log-odds, all within about ±5.
 * @param rate - share of right answers in training, in (0, 1)
 * @param easinessOf - log-odds of a right answer by an average learner
 * @returns shape (rows × HISTORY_WIDTH), row-major
 */
export function historyColumns(
  log: ItemResponseLog,
  translation: Translation,
  rate: number,
  easinessOf: EasinessOf,
  onLearner?: (learner: number) => void,
): Float32Array {
  const out = new Float32Array(log.outcome.length * HISTORY_WIDTH);
  let learner = -1;
  const next = (own: number): void => {
    learner = own;
    onLearner?.(own);
  };
  walk(
    log,
    translation,
    easinessOf,
    (row, history, question) => {
      writeHistory(history, question, { rate, easiness: easinessOf(row, learner) }, out, row * HISTORY_WIDTH);
    },
    next,
  );
  return out;
}

/** One row of {@link historyColumns}, written at an offset. */
export function writeHistory(
  history: LearnerHistory,
  question: Question,
  { rate, easiness }: { readonly rate: number; readonly easiness: number },
  out: Float32Array,
  offset: number,
): void {
  let at = offset;
  const form = skillForm(history, question.skills);
  out[at++] = easiness;
  out[at++] = history.ability;
  out[at++] = history.uncertainty;
  out[at++] = form;
  out[at++] = history.ability + form + easiness;
  for (let d = 0; d < OVERALL_DECAYS.length; d++)
    out[at++] = recordLogit(history.successes[d]!, history.weights[d]!, rate);
  at = writeSkills(history, question, rate, out, at);
  const item = history.items.get(question.item);
  const last = history.recent[0];
  const same = last !== undefined && sameSkills(last.skills, question.skills);
  out[at++] = COUNT_SCALE * Math.log1p(item?.count ?? 0);
  out[at++] = COUNT_SCALE * Math.log1p(item?.wins ?? 0);
  out[at++] = last === undefined ? 0 : 2 * last.outcome - 1;
  out[at++] = history.recent[1] === undefined ? 0 : 2 * history.recent[1].outcome - 1;
  out[at++] = same ? COUNT_SCALE * Math.log1p(history.streak) : 0;
  out[at++] = recordLogit(same ? history.streakWins : 0, same ? history.streak : 0, rate);
  out[at++] = same ? 1 : 0;
  out[at++] = last !== undefined && last.itemColumn >= 0 && last.itemColumn === question.itemColumn ? 1 : 0;
}

/** Means over the question's skills; a skill never practised counts with what is known of nobody. */
function writeSkills(
  history: LearnerHistory,
  { skills }: Question,
  rate: number,
  out: Float32Array,
  from: number,
): number {
  const share = 1 / Math.max(1, skills.length);
  let at = from;
  for (let d = 0; d < SKILL_DECAYS.length; d++) {
    let sum = 0;
    for (const skill of skills) {
      const record = history.skills.get(skill);
      sum += share * recordLogit(record?.successes[d] ?? 0, record?.weights[d] ?? 0, rate);
    }
    out[at++] = sum;
  }
  let [success, count, unseen, gap, run] = [0, 0, 0, 0, 0];
  for (const skill of skills) {
    const record = history.skills.get(skill);
    success += share * recordLogit(record?.wins ?? 0, record?.count ?? 0, rate);
    if (record === undefined) unseen += share;
    else {
      count += share * Math.log1p(record.count);
      gap += share * Math.log1p(history.count - record.lastPosition);
      run += share * Math.max(-LONGEST_RUN, Math.min(LONGEST_RUN, record.run));
    }
  }
  out[at++] = recordLogit(history.wins, history.count, rate);
  out[at++] = success;
  out[at++] = COUNT_SCALE * Math.log1p(history.count);
  out[at++] = COUNT_SCALE * count;
  out[at++] = unseen;
  out[at++] = COUNT_SCALE * gap;
  out[at++] = run / 3;
  return at;
}
