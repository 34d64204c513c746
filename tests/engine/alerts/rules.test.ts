import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays } from "../../../src/engine/alerts/days.ts";
import { absences } from "../../../src/engine/alerts/rules/absences.ts";
import { capacityCrossings } from "../../../src/engine/alerts/rules/capacity-line.ts";
import { decliningEffort, schoolWeeks } from "../../../src/engine/alerts/rules/declining-effort.ts";
import type { Episode, Sign } from "../../../src/engine/alerts/rules/episodes.ts";
import { readRules, ruleNames } from "../../../src/engine/alerts/rules/rules.ts";
import { silences } from "../../../src/engine/alerts/rules/silent-source.ts";
import type { Answer } from "../../../src/engine/alerts/rules/wrong-answers.ts";
import { wrongAnswers } from "../../../src/engine/alerts/rules/wrong-answers.ts";

const rules = readRules({});
const openedOn = (episodes: readonly Episode[]) => episodes.map(({ happenedOn }) => happenedOn);

/** Answers, one a day from a day on: 1 right, 0 wrong; learned when they happen unless said otherwise. */
function answers(from: string, pattern: string, learnedOn?: string): Answer[] {
  return [...pattern].map((mark, index) => {
    const day = addDays(from, index);
    return {
      key: `${from}-${index}`,
      happenedAt: `${day}T10:00:00.000`,
      learnedAt: `${learnedOn ?? day}T10:00:01.000Z`,
      correct: Number(mark),
    };
  });
}

describe("4 of 5 wrong on a standard", () => {
  const look = (log: readonly Answer[]) => wrongAnswers(log, rules["wrong-answers"]);

  test("is told with the answer that makes it so, once, and not for 3 of 5 nor for 4 of 4", () => {
    expect(look(answers("2025-11-03", "01000"))).toEqual([
      {
        openedBy: "2025-11-03-4",
        happenedOn: "2025-11-07",
        learnedAt: "2025-11-07T10:00:01.000Z",
        evidence: { wrong: 4, of: 5 },
      },
    ]);
    expect(look(answers("2025-11-03", "01001"))).toEqual([]);
    expect(look(answers("2025-11-03", "0000"))).toEqual([]);
    expect(look(answers("2025-11-03", "0100000000000000"))).toHaveLength(1);
  });

  test("comes again only after it was over, and not within the days of rest", () => {
    const slip = answers("2025-11-03", "00000100"); // one lucky answer is no recovery
    expect(look(slip)).toHaveLength(1);
    expect(openedOn(look(answers("2025-11-03", "00000111110000000000000")))).toEqual(["2025-11-07", "2025-11-21"]);
    // Mastered and lost again within a week: told only when the rest is over and it still holds.
    expect(openedOn(look(answers("2025-11-03", "0000011100001")))).toEqual(["2025-11-07"]);
  });

  test("answers that come in months later are history; old ones do not complete a new trouble", () => {
    expect(look(answers("2025-03-03", "00000", "2025-11-03"))).toEqual([]);
    expect(look([...answers("2025-03-03", "000", "2025-11-03"), ...answers("2025-11-03", "01")])).toEqual([]);
    // History is known: one more wrong answer today, and the teacher has a reason to hear of it.
    const soon = [...answers("2025-10-10", "0000", "2025-11-03"), ...answers("2025-11-03", "0")];
    expect(openedOn(look(soon))).toEqual(["2025-11-03"]);
  });

  test("an answer that was corrected or taken back counts as it stands", () => {
    const log = answers("2025-11-03", "0100");
    const corrected = { ...log[0]!, correct: 1, learnedAt: "2025-11-06T12:00:00.000Z" };
    const last = answers("2025-11-07", "0");
    expect(look([...log, ...last])).toHaveLength(1);
    expect(look([...log, corrected, ...last])).toEqual([]);
    expect(look([...log, { ...log[0]!, retracted: true }, ...last])).toEqual([]);
  });
});

describe("three absences in two weeks", () => {
  const absence = (day: string, learned = day, part = ""): Sign => ({
    key: `${day}${part}`,
    happenedAt: day,
    learnedAt: `${learned}T15:00:00.000Z`,
  });
  const look = (days: readonly Sign[]) => openedOn(absences(days, rules.absences));

  test("is told with the third, once while they go on, and not for two nor for three in three weeks", () => {
    expect(look(["2025-11-03", "2025-11-05", "2025-11-14"].map((day) => absence(day)))).toEqual(["2025-11-14"]);
    expect(look(["2025-11-03", "2025-11-05"].map((day) => absence(day)))).toEqual([]);
    expect(look(["2025-11-03", "2025-11-05", "2025-11-17"].map((day) => absence(day)))).toEqual([]);
    const on = ["2025-11-03", "2025-11-05", "2025-11-07", "2025-11-12", "2025-11-14", "2025-11-20", "2025-11-24"];
    expect(look(on.map((day) => absence(day)))).toEqual(["2025-11-07"]);
  });

  test("a day that two sources report is one day; a day that is learned of late counts on its own day", () => {
    expect(look([absence("2025-11-03"), absence("2025-11-03", "2025-11-03", "b"), absence("2025-11-05")])).toEqual([]);
    expect(look([absence("2025-11-03"), absence("2025-11-07"), absence("2025-11-05", "2025-11-10")])).toEqual([
      "2025-11-07",
    ]);
  });

  test("another spell is another alert", () => {
    const spells = ["2025-11-03", "2025-11-04", "2025-11-05", "2026-01-12", "2026-01-13", "2026-01-14"];
    expect(look(spells.map((day) => absence(day)))).toEqual(["2025-11-05", "2026-01-14"]);
  });
});

describe("declining effort", () => {
  const weeks = Array.from({ length: 12 }, (_, index) => addDays("2025-09-01", 7 * index));
  const work = (...counts: number[]) => counts.map((count, index) => ({ week: weeks[index]!, answers: count }));
  const rule = rules["declining-effort"];
  const look = (counts: readonly number[], now = "2026-01-01T00:00:00.000Z", on = weeks.slice(0, counts.length)) =>
    openedOn(decliningEffort(work(...counts), on, now, rule));

  test("is told after the second weak week, once, and not for one weak week nor a learner who never did much", () => {
    expect(look([20, 24, 20, 22, 10, 9, 8, 7])).toEqual([weeks[5]]);
    expect(look([20, 24, 20, 22, 10, 19, 10, 20])).toEqual([]);
    expect(look([6, 7, 8, 6, 1, 0])).toEqual([]);
    expect(look([20, 24, 20, 22, 0, 0])).toEqual([weeks[5]]); // silence is the least effort
  });

  test("a week is judged when its late records are in, and a holiday is nobody's fault", () => {
    expect(look([20, 24, 20, 22, 0, 0], "2025-10-15T00:00:00.000Z")).toEqual([]);
    expect(look([20, 24, 20, 22, 0, 0], "2025-10-16T00:00:00.000Z")).toEqual([weeks[5]]);
    const active = [100, 98, 101, 99, 3, 2, 97].map((learners, index) => ({ week: weeks[index]!, learners }));
    expect(schoolWeeks(active)).toEqual([0, 1, 2, 3, 6].map((index) => weeks[index]));
    expect(look([20, 24, 20, 22, 0, 0, 21], undefined, schoolWeeks(active))).toEqual([]);
  });
});

describe("risk crossing the capacity line", () => {
  const rule = { ...rules["capacity-line"], capacity: 10, cooldownDays: 0 };
  const look = (places: readonly (number | null)[]) =>
    openedOn(
      capacityCrossings(
        places.map((place, index) => ({
          runId: `r${index}`,
          asOf: addDays("2025-11-03", index),
          publishedAt: `${addDays("2025-11-03", index)}T03:00:00.000Z`,
          place,
        })),
        rule,
      ),
    );

  test("is told on crossing, not for standing there, not in the first ranking, nor for wavering at the line", () => {
    expect(look([14, 9])).toEqual(["2025-11-04"]);
    expect(look([9, 8, 3])).toEqual([]);
    expect(look([null, 10, 11, 10, 12, 9])).toEqual(["2025-11-04"]);
    expect(look([14, 9, 13, 9])).toEqual(["2025-11-04", "2025-11-06"]);
  });
});

describe("a silent source", () => {
  const rule = rules["silent-source"];
  const daily = Array.from({ length: 12 }, (_, index) => addDays("2025-11-03", index)).filter(
    (day) => ![0, 6].includes(new Date(day).getUTCDay()),
  ); // Monday the 3rd to Friday the 14th

  test("no attendance since Friday: told when Monday and Tuesday are over, once however long it lasts", () => {
    expect(silences(daily, "2025-11-18", rule)).toEqual([]);
    const told = silences(daily, "2025-11-19", rule);
    expect(told).toMatchObject([{ openedBy: "2025-11-14", learnedAt: "2025-11-19T00:00:00.000Z" }]);
    expect(silences(daily, "2025-12-19", rule)).toEqual(told);
    expect(silences([...daily, "2025-12-01"], "2025-12-02", rule)).toEqual(told);
  });

  test("a weekly source is not silent after three days; days off are not missed; a new source is not known yet", () => {
    const weekly = Array.from({ length: 8 }, (_, index) => addDays("2025-09-01", 7 * index));
    expect(silences(weekly, addDays(weekly.at(-1)!, 7), rule)).toEqual([]);
    expect(silences(weekly, addDays(weekly.at(-1)!, 15), rule)).toHaveLength(1);
    const off = (day: string): boolean => day < "2025-11-15" || day > "2025-11-30";
    expect(silences(daily, "2025-12-01", rule, off)).toEqual([]);
    expect(silences(daily.slice(0, 3), "2025-12-01", rule)).toEqual([]);
  });
});

describe("replaying the log in any portions fires the same alerts", () => {
  const day = fc.integer({ min: 0, max: 80 }).map((offset) => addDays("2025-09-01", offset));
  const log = fc.array(
    fc.record({ day, late: fc.integer({ min: 0, max: 20 }), correct: fc.constantFrom(0, 0, 0, 1) }),
    {
      minLength: 10,
      maxLength: 60,
    },
  );
  /** As it was learned: by the day of learning, then as it comes. */
  const arrivals = (drawn: readonly { day: string; late: number; correct: number }[]): Answer[] =>
    drawn
      .map(({ day: on, late, correct }, index) => ({
        key: String(index),
        happenedAt: on,
        learnedAt: `${addDays(on, late)}T12:00:00.000Z`,
        correct,
      }))
      .sort((a, b) => (a.learnedAt < b.learnedAt ? -1 : a.learnedAt > b.learnedAt ? 1 : 0));
  /** What is told when somebody looks after each portion. */
  const replay = (whole: readonly Answer[], cuts: readonly number[], look: (log: readonly Answer[]) => Episode[]) => {
    const told = new Map<string, Episode>();
    for (const cut of [...cuts, whole.length]) {
      for (const episode of look(whole.slice(0, cut))) told.set(episode.openedBy, episode);
    }
    return [...told.values()];
  };
  const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 10 });

  test.each([
    ["wrong answers", (whole: readonly Answer[]) => wrongAnswers(whole, rules["wrong-answers"])],
    ["absences", (whole: readonly Answer[]) => absences(whole, rules.absences)],
  ])("%s", (_, look) => {
    let told = 0;
    fc.assert(
      fc.property(log, cuts, (drawn, portions) => {
        const whole = arrivals(drawn);
        const order = (a: Episode, b: Episode) => (a.openedBy < b.openedBy ? -1 : 1);
        const once = look(whole);
        told += once.length;
        expect(
          replay(
            whole,
            portions.sort((a, b) => a - b),
            look,
          ).sort(order),
        ).toEqual([...once].sort(order));
        expect(new Set(once.map(({ openedBy }) => openedBy)).size).toBe(once.length);
      }),
      { numRuns: 300 },
    );
    expect(told).toBeGreaterThan(30); // the property is not true of silence alone
  });

  test("declining effort, a silent source: whoever looks at whatever times sees the same", () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(days, fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 8 }), (offsets, looks) => {
        const delivered = offsets.map((offset) => addDays("2025-09-01", offset)).sort();
        const end = addDays("2025-09-01", 130);
        const told = new Map<string, Episode>();
        for (const today of [...looks.map((offset) => addDays("2025-09-01", offset)), end].sort()) {
          const known = delivered.filter((one) => one <= today);
          for (const episode of silences(known, today, rules["silent-source"])) told.set(episode.openedBy, episode);
        }
        expect([...told.values()].sort((a, b) => (a.openedBy < b.openedBy ? -1 : 1))).toEqual(
          silences(delivered, end, rules["silent-source"]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 8, maxLength: 20 }), (counts) => {
        const work = counts.map((count, index) => ({ week: addDays("2025-09-01", 7 * index), answers: count }));
        const on = work.map(({ week }) => week);
        const told = new Map<string, Episode>();
        for (const { week } of work) {
          const now = `${addDays(week, 10)}T00:00:00.000Z`;
          for (const one of decliningEffort(work, on, now, rules["declining-effort"])) told.set(one.openedBy, one);
        }
        const last = `${addDays(on.at(-1)!, 30)}T00:00:00.000Z`;
        expect([...told.values()]).toEqual(decliningEffort(work, on, last, rules["declining-effort"]));
      }),
    );
  });
});

test("a district's rules are checked whole: numbers that make no sense, rules and audiences that do not exist", () => {
  expect(readRules({ absences: { absences: 2, tell: [] } }).absences).toMatchObject({
    absences: 2,
    withinDays: 14,
    tell: [],
  });
  for (const wrong of [
    { lateness: {} },
    { absences: { tell: ["press"] } },
    { absences: { absences: 0 } },
    { "wrong-answers": { wrong: 6 } },
    { "wrong-answers": { rightAgain: 1 } },
    null,
  ]) {
    expect(() => readRules(wrong), JSON.stringify(wrong)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  }
  expect(ruleNames).toHaveLength(5);
});
