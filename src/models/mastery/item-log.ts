import { CairnError } from "../../errors.ts";
import type { ResponseLog } from "./response-log.ts";

/**
 * Answers of many learners to items, sorted by learner and then by time: row order is the clock. One row per response, also
 * for items of several skills: a row per skill would give the answer away.
 */
export interface ItemResponseLog {
  /** Shape (rows): index into `items`. */
  readonly item: Int32Array;
  /** Shape (rows): the set of skills the response is about, an index into the sets of `skillPtr`. */
  readonly skillSet: Int32Array;
  /** Shape (rows): 1 right, 0 wrong. */
  readonly outcome: Uint8Array;
  /** Shape (learners + 1): first row of each learner, ascending from 0 to the number of rows. */
  readonly learnerStart: Int32Array;
  /** The name of each item, unique. */
  readonly items: readonly string[];
  /** The name of each skill, unique. */
  readonly skills: readonly string[];
  /** Shape (sets + 1): where each set of skills starts in `skillIdx`. */
  readonly skillPtr: Int32Array;
  /** Shape (members of all sets): indexes into `skills`, each at most once per set. */
  readonly skillIdx: Int32Array;
  /** Shape (rows): when, in seconds from any start, ascending within a learner; left out when nobody knows. */
  readonly time?: Float64Array;
}

/**
 * Checks a log at the door: lengths, ranges, outcomes 0 and 1, ascending learner starts, unique names.
 * @returns the same log
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`
 */
export function checkItemLog(log: ItemResponseLog): ItemResponseLog {
  const { item, skillSet, outcome, learnerStart, items, skills, skillPtr, skillIdx } = log;
  const rows = outcome.length;
  if (item.length !== rows || skillSet.length !== rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one item and one skill set per outcome, got ${item.length}, ${skillSet.length} and ${rows}`,
      { hint: "pass arrays of equal length" },
    );
  }
  if (learnerStart.length === 0 || learnerStart[0] !== 0 || learnerStart.at(-1) !== rows) {
    throw new CairnError("SHAPE_MISMATCH", `expected learner starts from 0 to ${rows}, got other ones`, {
      hint: "end learnerStart with the number of rows",
    });
  }
  requireAscending("learner starts", learnerStart);
  requireUnique("item", items);
  requireUnique("skill", skills);
  if (skillPtr.length === 0 || skillPtr[0] !== 0 || skillPtr.at(-1) !== skillIdx.length) {
    throw new CairnError("SHAPE_MISMATCH", `expected skill sets from 0 to ${skillIdx.length}, got other ones`, {
      hint: "end skillPtr with the length of skillIdx",
    });
  }
  requireAscending("starts of skill sets", skillPtr);
  requireRange("an item", item, items.length);
  requireRange("a skill set", skillSet, skillPtr.length - 1);
  requireRange("a skill", skillIdx, skills.length);
  requireRange("an outcome", outcome, 2);
  if (log.time !== undefined) requireTimes(log.time, learnerStart);
  return log;
}

function requireTimes(time: Float64Array, learnerStart: Int32Array): void {
  if (time.length !== learnerStart.at(-1)) {
    throw new CairnError("SHAPE_MISMATCH", `expected a time per outcome, got ${time.length}`, {
      hint: "leave the times out when some are missing",
    });
  }
  for (let learner = 0; learner + 1 < learnerStart.length; learner++) {
    let before = Number.NEGATIVE_INFINITY;
    for (let row = learnerStart[learner]!; row < learnerStart[learner + 1]!; row++) {
      if (!(Number.isFinite(time[row]!) && time[row]! >= before))
        throw new CairnError("BAD_INPUT", `expected ascending times, got ${time[row]} in row ${row}`);
      before = time[row]!;
    }
  }
}

/**
 * Checks that there is something to learn.
 * @throws CairnError `BAD_INPUT` for a log without responses, `SINGLE_CLASS` when all answers are alike
 */
export function requireBothClasses({ outcome }: ItemResponseLog): void {
  if (outcome.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a log with responses, got none", { hint: "widen the time window" });
  }
  if (outcome.every((value) => value === outcome[0])) {
    throw new CairnError("SINGLE_CLASS", `expected right and wrong answers, got ${outcome[0]} only`, {
      hint: "there is nothing to learn from answers that are all alike; widen the time window",
    });
  }
}

function requireAscending(what: string, values: Int32Array): void {
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!)
      throw new CairnError("BAD_INPUT", `expected ascending ${what}, got ${values[i]} after ${values[i - 1]}`);
  }
}

function requireUnique(what: string, names: readonly string[]): void {
  if (new Set(names).size !== names.length)
    throw new CairnError("BAD_INPUT", `expected every ${what} once, got a name twice`, {
      hint: `merge the two ${what}s`,
    });
}

function requireRange(what: string, values: ArrayLike<number>, count: number): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0 && values[i]! < count))
      throw new CairnError("BAD_INPUT", `expected ${what} in [0, ${count}), got ${values[i]} at position ${i}`);
  }
}

/**
 * The rows of some learners, in the given order; names and skill sets are shared.
 * @param learners - numbers in [0, learners)
 */
export function takeLearners(log: ItemResponseLog, learners: ArrayLike<number>): ItemResponseLog {
  const learnerStart = new Int32Array(learners.length + 1);
  for (let i = 0; i < learners.length; i++) {
    const learner = learners[i]!;
    learnerStart[i + 1] = learnerStart[i]! + log.learnerStart[learner + 1]! - log.learnerStart[learner]!;
  }
  const rows = learnerStart[learners.length]!;
  const item = new Int32Array(rows);
  const skillSet = new Int32Array(rows);
  const outcome = new Uint8Array(rows);
  const time = log.time === undefined ? undefined : new Float64Array(rows);
  for (let i = 0; i < learners.length; i++) {
    const from = log.learnerStart[learners[i]!]!;
    const to = log.learnerStart[learners[i]! + 1]!;
    item.set(log.item.subarray(from, to), learnerStart[i]!);
    skillSet.set(log.skillSet.subarray(from, to), learnerStart[i]!);
    outcome.set(log.outcome.subarray(from, to), learnerStart[i]!);
    if (time !== undefined) time.set(log.time!.subarray(from, to), learnerStart[i]!);
  }
  return { ...log, item, skillSet, outcome, learnerStart, ...(time === undefined ? {} : { time }) };
}

/**
 * The same answers for models that know one skill per response: each distinct set of skills becomes one skill, named by its
 * members in order of name.
 */
export function skillSetsAsSkills(log: ItemResponseLog): ResponseLog {
  const names = new Map<string, number>();
  const sets = log.skillPtr.length - 1;
  const merged = new Int32Array(sets);
  for (let set = 0; set < sets; set++) {
    const members = Array.from(
      log.skillIdx.subarray(log.skillPtr[set]!, log.skillPtr[set + 1]!),
      (k) => log.skills[k]!,
    );
    const name = members.length === 1 ? members[0]! : JSON.stringify(members.sort());
    if (!names.has(name)) names.set(name, names.size);
    merged[set] = names.get(name)!;
  }
  const learner = new Int32Array(log.outcome.length);
  for (let unit = 0; unit + 1 < log.learnerStart.length; unit++)
    learner.fill(unit, log.learnerStart[unit]!, log.learnerStart[unit + 1]!);
  return {
    learner,
    skill: Int32Array.from(log.skillSet, (set) => merged[set]!),
    outcome: log.outcome,
    learnerStart: log.learnerStart,
    skills: [...names.keys()],
  };
}
