/** Decays of the success records: over all responses, and over the responses on one skill. */
export const OVERALL_DECAYS = [0.7, 0.9, 0.98] as const;
/** Decays of the success record of one skill, per response on that skill. */
export const SKILL_DECAYS = [0.6, 0.85] as const;
const OLDEST = 3 ** 5; // weight of the newest outcome in a code of six

/** What a learner did on one skill so far. */
export interface SkillRecord {
  count: number;
  wins: number;
  /** Position (responses so far, over all skills) of the last response on the skill. */
  lastPosition: number;
  /** Length of the current run of equal outcomes: positive right, negative wrong. */
  run: number;
  /** The last six outcomes, base 3, the newest the most significant: 0 none, 1 wrong, 2 right. */
  code: number;
  /** Σ decayed outcomes and Σ decayed ones, per decay. */
  readonly successes: Float64Array;
  readonly weights: Float64Array;
  /** How much better the learner does on the skill than elsewhere: mean of the log-odds, and its variance. */
  form: number;
  uncertainty: number;
  /** When each response on the skill came, in seconds, and right ones up to it; empty without times. */
  readonly times: number[];
  readonly winsUpTo: number[];
}

/** What a learner did on one item so far. */
export interface ItemRecord {
  count: number;
  wins: number;
}

/** What is asked of the learner. Ids are the log's; columns are the model's, −1 for what training never saw. */
export interface Question {
  readonly item: number;
  readonly itemColumn: number;
  readonly skills: readonly number[];
  readonly skillColumns: readonly number[];
  /** When it is asked, in seconds; nothing when nobody knows. */
  readonly time: number | undefined;
}

/** A response that what comes next is seen in the light of. */
export interface RecentResponse extends Omit<Question, "item" | "time"> {
  readonly outcome: number;
}

/** What a learner did so far: all the logistic models need to know, small enough to keep per learner and update live. */
export interface LearnerHistory {
  count: number;
  wins: number;
  code: number;
  readonly successes: Float64Array;
  readonly weights: Float64Array;
  readonly skills: Map<number, SkillRecord>;
  readonly items: Map<number, ItemRecord>;
  /** The learner's ability against the difficulty of what was asked: mean of the log-odds, and its variance. */
  ability: number;
  uncertainty: number;
  /** The last two responses, the newest first; fewer at the start. */
  recent: readonly RecentResponse[];
  /** When the last response came, in seconds; nothing at the start and without times. */
  lastTime: number | undefined;
  /** Responses in a row on exactly the current skills. */
  streak: number;
  streakWins: number;
}

/** How abilities are followed: all variances are in log-odds squared. */
export const ABILITY = { prior: 0.8, drift: 0.02, skillPrior: 0.8, skillDrift: 0.06 } as const;

/** A learner of whom nothing is known yet. */
export function newHistory(): LearnerHistory {
  return {
    count: 0,
    wins: 0,
    code: 0,
    successes: new Float64Array(OVERALL_DECAYS.length),
    weights: new Float64Array(OVERALL_DECAYS.length),
    skills: new Map(),
    items: new Map(),
    ability: 0,
    uncertainty: ABILITY.prior,
    recent: [],
    lastTime: undefined,
    streak: 0,
    streakWins: 0,
  };
}

/** The record of a skill; a new one when there was none. */
function skillRecord({ skills }: LearnerHistory, skill: number): SkillRecord {
  const found = skills.get(skill);
  if (found !== undefined) return found;
  const record: SkillRecord = {
    count: 0,
    wins: 0,
    lastPosition: -1,
    run: 0,
    code: 0,
    successes: new Float64Array(SKILL_DECAYS.length),
    weights: new Float64Array(SKILL_DECAYS.length),
    form: 0,
    uncertainty: ABILITY.skillPrior,
    times: [],
    winsUpTo: [],
  };
  skills.set(skill, record);
  return record;
}

/**
 * Takes in one response, in time proportional to the number of skills.
 * @param question - what was answered
 * @param outcome - 1 right, 0 wrong
 * @param easiness - log-odds of a right answer by an average learner
 */
export function observe(history: LearnerHistory, question: Question, outcome: number, easiness: number): void {
  const { item, itemColumn, skills, skillColumns, time } = question;
  observeAbility(history, skills, outcome, easiness);
  for (const skill of skills) {
    const record = skillRecord(history, skill);
    record.count++;
    record.wins += outcome;
    record.lastPosition = history.count;
    record.run = outcome === 1 ? Math.max(record.run, 0) + 1 : Math.min(record.run, 0) - 1;
    record.code = (outcome + 1) * OLDEST + Math.floor(record.code / 3);
    decay(record.successes, record.weights, SKILL_DECAYS, outcome);
    if (time !== undefined) {
      record.times.push(time);
      record.winsUpTo.push(record.wins);
    }
  }
  const record = history.items.get(item);
  if (record === undefined) history.items.set(item, { count: 1, wins: outcome });
  else {
    record.count++;
    record.wins += outcome;
  }
  const last = history.recent[0];
  const same = last !== undefined && sameSkills(last.skills, skills);
  history.streak = same ? history.streak + 1 : 1;
  history.streakWins = same ? history.streakWins + outcome : outcome;
  const newest = { itemColumn, skills, skillColumns, outcome };
  history.recent = last === undefined ? [newest] : [newest, last];
  history.lastTime = time;
  history.count++;
  history.wins += outcome;
  history.code = (outcome + 1) * OLDEST + Math.floor(history.code / 3);
  decay(history.successes, history.weights, OVERALL_DECAYS, outcome);
}

/** Whether two lists hold the same skills in the same order. */
export function sameSkills(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((skill, i) => skill === b[i]);
}

function decay(successes: Float64Array, weights: Float64Array, decays: readonly number[], outcome: number): void {
  for (let i = 0; i < decays.length; i++) {
    successes[i] = decays[i]! * successes[i]! + outcome;
    weights[i] = decays[i]! * weights[i]! + 1;
  }
}

/** The mean over the skills of the learner's form on them; a skill never practised counts as 0. */
export function skillForm(history: LearnerHistory, skills: readonly number[]): number {
  let sum = 0;
  for (const skill of skills) sum += history.skills.get(skill)?.form ?? 0;
  return skills.length === 0 ? 0 : sum / skills.length;
}

/** One step of an extended Kalman filter on the log-odds: z = ability + form + easiness, each with its own drift. */
function observeAbility(history: LearnerHistory, skills: readonly number[], outcome: number, easiness: number): void {
  const z = history.ability + skillForm(history, skills) + easiness;
  const p = 1 / (1 + Math.exp(-z));
  const information = p * (1 - p);
  let variance = history.uncertainty + ABILITY.drift;
  const share = 1 / Math.max(1, skills.length);
  for (const skill of skills) {
    const record = history.skills.get(skill);
    variance += share * share * ((record?.uncertainty ?? ABILITY.skillPrior) + ABILITY.skillDrift);
  }
  const gain = (outcome - p) / (1 + information * variance);
  const shrink = information / (1 + information * variance);
  for (const skill of skills) {
    const record = skillRecord(history, skill);
    const own = share * (record.uncertainty + ABILITY.skillDrift);
    record.form += own * gain;
    record.uncertainty += ABILITY.skillDrift - own * own * shrink;
  }
  const own = history.uncertainty + ABILITY.drift;
  history.ability += own * gain;
  history.uncertainty = own - own * own * shrink;
}
