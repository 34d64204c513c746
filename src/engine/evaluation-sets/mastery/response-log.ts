import { CairnError } from "../../../errors.ts";
import type { ItemResponseLog } from "../../../models/mastery/item-log.ts";
import type { ResponseFormat, ResponseRow } from "./response-file.ts";

/** A file of responses as a log, one row per response. */
export interface MasteryLog {
  readonly log: ItemResponseLog;
  /** Shape (learners): the published fold of each; 0 in files without folds. */
  readonly fold: Int32Array;
  /** Skill rows of a response that were merged into one. */
  readonly merged: number;
  /**
   * Share of responses that repeat the learner's item of the row before with the same outcome and other skills. Near 0 in a
   * sound file; more is a sign of rows per skill, whose outcomes are copies.
   */
  readonly repeated: number;
}

interface Response {
  readonly item: string;
  readonly skills: string[];
  readonly outcome: 0 | 1;
  readonly order: number;
}

/**
 * Puts rows in order: learners in order of appearance, their rows by time (equal times keep the file's order). In akt files
 * the rows of one response to an item of several skills are merged: following rows of the same problem and outcome with a
 * skill not yet in the group; and the skills of an item are the union over all its rows. In lpp files, which are merged
 * already, the skills are the row's own.
 * @throws CairnError `BAD_INPUT` for a learner in two folds
 * @see handbook knowledge-tracing 3.2
 */
export function masteryLogOf(rows: readonly ResponseRow[], format: ResponseFormat): MasteryLog {
  const learners = groupByLearner(rows);
  const merge = format === "akt";
  const responses = learners.map((own) => (merge ? mergeSkills(own) : own.map(asResponse)));
  const union = merge ? skillsOfItems(responses) : undefined;
  const items = new Map<string, number>();
  const skills = new Map<string, number>();
  const sets = new Map<string, number>();
  const members: number[][] = [];
  const setOf = (names: readonly string[]): number => {
    const ids = names.map((name) => intern(skills, name)).sort((a, b) => a - b);
    const set = intern(sets, ids.join(" "));
    members[set] ??= ids;
    return set;
  };
  const flat = responses.flat();
  const learnerStart = new Int32Array(learners.length + 1);
  for (const [learner, own] of responses.entries()) learnerStart[learner + 1] = learnerStart[learner]! + own.length;
  const item = Int32Array.from(flat, (response) => intern(items, response.item));
  const skillSet = Int32Array.from(flat, (response) => setOf(union?.get(response.item) ?? response.skills));
  const skillPtr = new Int32Array(members.length + 1);
  for (const [set, own] of members.entries()) skillPtr[set + 1] = skillPtr[set]! + own.length;
  const log: ItemResponseLog = {
    item,
    skillSet,
    outcome: Uint8Array.from(flat, ({ outcome }) => outcome),
    learnerStart,
    items: [...items.keys()],
    skills: [...skills.keys()],
    skillPtr,
    skillIdx: Int32Array.from(members.flat()),
    ...timesOf(flat, format),
  };
  return {
    log,
    fold: Int32Array.from(learners, (own) => own[0]!.fold),
    merged: rows.length - flat.length,
    repeated: repeatedShare(log),
  };
}

/** Timestamps are seconds when they differ; where all are equal, and in akt files, the order is the only clock. */
function timesOf(responses: readonly Response[], format: ResponseFormat): { time?: Float64Array } {
  if (format !== "lpp" || responses.every(({ order }) => order === responses[0]!.order)) return {};
  return { time: Float64Array.from(responses, ({ order }) => order) };
}

function groupByLearner(rows: readonly ResponseRow[]): ResponseRow[][] {
  const learners = new Map<string, ResponseRow[]>();
  for (const row of rows) {
    const own = learners.get(row.learner);
    if (own === undefined) learners.set(row.learner, [row]);
    else if (own[0]!.fold === row.fold) own.push(row);
    else {
      throw new CairnError(
        "BAD_INPUT",
        `expected every user_id in one fold, got one in folds ${own[0]!.fold} and ${row.fold}`,
        {
          hint: "folds split by learner; give the learners of different folds different ids",
        },
      );
    }
  }
  // Array.prototype.sort is stable: without times the order of the file is the clock.
  return Array.from(learners.values(), (own) => own.sort((a, b) => a.order - b.order));
}

function asResponse({ item, skill, outcome, order }: ResponseRow): Response {
  return { item, skills: [skill], outcome, order };
}

function mergeSkills(rows: readonly ResponseRow[]): Response[] {
  const merged: Response[] = [];
  for (const row of rows) {
    const group = merged.at(-1);
    if (group?.item === row.item && group.outcome === row.outcome && !group.skills.includes(row.skill))
      group.skills.push(row.skill);
    else merged.push(asResponse(row));
  }
  return merged;
}

function skillsOfItems(responses: readonly (readonly Response[])[]): Map<string, readonly string[]> {
  const union = new Map<string, Set<string>>();
  for (const { item, skills } of responses.flat()) {
    const known = union.get(item) ?? new Set();
    for (const skill of skills) known.add(skill);
    union.set(item, known);
  }
  return new Map(Array.from(union, ([item, skills]) => [item, [...skills]]));
}

function intern(ids: Map<string, number>, name: string): number {
  const known = ids.get(name);
  if (known !== undefined) return known;
  ids.set(name, ids.size);
  return ids.size - 1;
}

function repeatedShare({ item, skillSet, outcome, learnerStart }: ItemResponseLog): number {
  let repeated = 0;
  for (let learner = 0; learner + 1 < learnerStart.length; learner++) {
    for (let row = learnerStart[learner]! + 1; row < learnerStart[learner + 1]!; row++) {
      const same = item[row] === item[row - 1] && outcome[row] === outcome[row - 1];
      if (same && skillSet[row] !== skillSet[row - 1]) repeated++;
    }
  }
  return repeated / outcome.length;
}
