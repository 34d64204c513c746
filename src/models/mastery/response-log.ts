import { CairnError } from "../../errors.ts";

/**
 * Answers of many learners, sorted by learner and then by time: row order is the clock. An item with several skills is one
 * row whose skill is the combination, never one row per skill (the copies would give the answer away).
 */
export interface ResponseLog {
  /** Shape (rows): dense id of the learner, one run of rows each. */
  readonly learner: Int32Array;
  /** Shape (rows): index into `skills`. */
  readonly skill: Int32Array;
  /** Shape (rows): 1 right, 0 wrong, between them partial credit. */
  readonly outcome: Float64Array | Uint8Array;
  /** Shape (learners + 1): first row of each learner, ascending from 0 to the number of rows. */
  readonly learnerStart: Int32Array;
  /** The name of each skill, unique. */
  readonly skills: readonly string[];
  /** Shape (rows): the class of the item asked, such as its band of difficulty; left out when items are not told apart. */
  readonly itemClass?: ItemClasses;
}

/** Classes of items that share a guess and a slip within a skill. */
export interface ItemClasses {
  /** Shape (rows): a class in [0, count), or −1 for an item of no known class. */
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * Checks a log at the door: equal lengths, rows grouped by learner, skills in range and named once, outcomes in [0, 1].
 * @returns the same log
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkResponseLog(log: ResponseLog): ResponseLog {
  const rows = log.outcome.length;
  if (log.learner.length !== rows || log.skill.length !== rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one learner and one skill per outcome, got ${log.learner.length} learners, ${log.skill.length} skills, ${rows} outcomes`,
      { hint: "pass arrays of equal length" },
    );
  }
  if (new Set(log.skills).size !== log.skills.length) {
    throw new CairnError("BAD_INPUT", "expected every skill once, got a name twice", { hint: "merge the two skills" });
  }
  checkLearners(log, rows);
  if (log.itemClass !== undefined) checkClasses(log.itemClass, rows);
  for (let row = 0; row < rows; row++) {
    const skill = log.skill[row]!;
    const outcome = log.outcome[row]!;
    if (skill < 0 || skill >= log.skills.length) {
      throw new CairnError("BAD_INPUT", `expected a skill in [0, ${log.skills.length}), got ${skill} in row ${row}`, {
        hint: "name every skill in `skills`",
      });
    }
    if (!Number.isFinite(outcome)) {
      throw new CairnError("NOT_FINITE", `expected an outcome in [0, 1], got ${outcome} in row ${row}`, {
        hint: "leave out responses without a mark",
      });
    }
    if (outcome < 0 || outcome > 1) {
      throw new CairnError("BAD_INPUT", `expected an outcome in [0, 1], got ${outcome} in row ${row}`, {
        hint: "divide the score by the points of the item",
      });
    }
  }
  return log;
}

function checkClasses({ of, count }: ItemClasses, rows: number): void {
  if (of.length !== rows) {
    throw new CairnError("SHAPE_MISMATCH", `expected one class of item per outcome, got ${of.length} of ${rows}`, {
      hint: "leave the classes out, or give −1 where an item has none",
    });
  }
  const row = of.findIndex((own) => own < -1 || own >= count);
  if (row >= 0) {
    throw new CairnError("BAD_INPUT", `expected a class in [−1, ${count}), got ${of[row]} in row ${row}`, {
      hint: "give −1 where an item has no class",
    });
  }
}

function checkLearners({ learner, learnerStart }: ResponseLog, rows: number): void {
  if (learnerStart.length === 0 || learnerStart[0] !== 0 || learnerStart.at(-1) !== rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected learner starts from 0 to ${rows}, got ${learnerStart.length} of them`,
      {
        hint: "end learnerStart with the number of rows",
      },
    );
  }
  const seen = new Set<number>();
  for (let unit = 0; unit + 1 < learnerStart.length; unit++) {
    const from = learnerStart[unit]!;
    const to = learnerStart[unit + 1]!;
    if (to < from) throw new CairnError("BAD_INPUT", `expected ascending learner starts, got ${to} after ${from}`);
    if (to === from) continue;
    const id = learner[from]!;
    for (let row = from; row < to; row++) {
      if (learner[row] !== id) throw unsorted(row);
    }
    if (seen.has(id)) throw unsorted(from);
    seen.add(id);
  }
}

function unsorted(row: number): CairnError {
  return new CairnError("BAD_INPUT", `expected the rows of a learner together, got another learner in row ${row}`, {
    hint: "sort the log by learner, then by time, and build learnerStart from it",
  });
}
