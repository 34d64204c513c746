import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { riskReasons, riskStrengths } from "../../../src/engine/early-warning/reasons.ts";
import { partsOf, phraseOf, say } from "../../../src/engine/early-warning/words/say.ts";
import { featureCatalog } from "../../../src/features/catalog.ts";

const higher = { direction: "higher is riskier" } as const;
const lower = { direction: "lower is riskier" } as const;
const features = [
  { name: "attendance_rate_28_days", unit: "share", group: "attendance", actionable: true, ...lower },
  { name: "absences_28_days", unit: "days", group: "attendance", actionable: true, ...higher },
  { name: "courses_failed", unit: "marks", group: "history", actionable: false, ...higher },
  { name: "score_mean", unit: "score (0 to 100)", group: "course work", actionable: true, ...lower },
];
const nothing = () => Number.NaN;
const definition = (name: string) =>
  featureCatalog.families.flatMap((family) => family.features).find((feature) => feature.name === name)!;
const said = (name: string, value: number, typical: number, beside: Record<string, number> = {}) =>
  say(definition(name), value, typical, (other) => beside[other] ?? Number.NaN);

describe("reasons", () => {
  test("what can be acted on comes first, groups add up, protective groups are left out", () => {
    const reasons = riskReasons(features, [0.2, 0.3, 1.2, -0.5], [0.65, 7, 2, 88], [0.95, 1, 0, 76]);
    expect(reasons.map((reason) => reason.group)).toEqual(["attendance", "history"]);
    expect(reasons[0]!.contribution).toBeCloseTo(0.5, 12);
    expect(reasons[0]!.words).toBe("Absent on 7 of 20 school days in the last 4 weeks; the peers' median is 1 day");
    expect(reasons[1]!.words).toBe("Has 2 marks below 60 on record; the peers' median is 0 marks");
  });

  test("the evidence is what stands out, not what a model makes most of", () => {
    // The larger part comes from a rate that is better than that of the peers; the days are what is worse.
    const [reason] = riskReasons(features, [0.9, 0.2, 0, 0], [0.97, 3, 0, 80], [0.95, 1, 0, 80]);
    expect(reason!.words).toMatch(/^Absent on 3/);
    const [none] = riskReasons(features, [0.9, 0, 0, 0], [0.97, 1, 0, 80], [0.95, 1, 0, 80]);
    expect(none!.words).toBe("several small differences, none that stands out");
  });

  test("a missing value is said, not shown as a number, and is no strength", () => {
    const values = [Number.NaN, 1, 0, 80];
    const [reason] = riskReasons(features, [0.4, 0, 0, 0], values, [0.95, 1, 0, 76]);
    expect(reason!.words).toBe("No data: share of school days attended in the last 4 weeks");
    // what is known speaks first, though what is missing weighs more
    const [told] = riskReasons(features, [0.4, 0.1, 0, 0], [Number.NaN, 3, 0, 80], [0.95, 1, 0, 76]);
    expect(told!.words).toMatch(/^Absent on 3 days/);
    expect(riskStrengths(features, [-0.4, 0, 0, 0], values, [0.95, 1, 0, 76])).toEqual([]);
  });

  test("among what can be acted on, evidence comes before what is missing, whatever weighs more", () => {
    const reasons = riskReasons(features, [0.9, 0, 0, 0.3], [Number.NaN, 1, 0, 50], [0.95, 1, 0, 76]);
    expect(reasons.map(({ group }) => group)).toEqual(["course work", "attendance"]);
  });

  test("a strength is better than the peers' median; the strongest first", () => {
    const strengths = riskStrengths(features, [-0.1, -0.1, 0, -0.6], [1, 0, 0, 91], [0.95, 1, 0, 76]);
    expect(strengths.map(({ group }) => group)).toEqual(["course work", "attendance"]);
    expect(strengths[0]!.words).toBe("Work handed in scores 91 on average; the peers' median is 76");
    expect(riskStrengths(features, [0, 0, 0, -0.6], [1, 0, 0, 60], [0.95, 1, 0, 76])).toEqual([]);
  });

  test("every group's contribution is the sum of its features', whatever is said", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.array(fc.double({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 }),
        (parts, values) => {
          const all = [
            ...riskReasons(features, parts, values, [0.9, 1, 0, 70]),
            ...riskStrengths(features, parts, values, [0.9, 1, 0, 70]),
          ];
          for (const { group, contribution } of all) {
            const own = features.reduce((sum, one, index) => sum + (one.group === group ? parts[index]! : 0), 0);
            expect(contribution).toBeCloseTo(own, 10);
          }
        },
      ),
    );
  });
});

describe("words", () => {
  test("every feature of the catalog has words of its own", () => {
    const without = featureCatalog.families
      .flatMap((family) => family.features)
      .filter(({ name }) => phraseOf(partsOf(name).measure) === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test("no sentence has a place left open, or an identifier in it, whatever the numbers", () => {
    for (const feature of featureCatalog.families.flatMap((family) => family.features)) {
      for (const [value, typical] of [
        [0.25, 0.5],
        [1, 0],
        [3, Number.NaN],
        [Number.NaN, 2],
      ] as const) {
        const words = say(feature, value, typical, nothing);
        expect(words).toMatch(/^[A-Z0-9]/);
        expect(words).not.toMatch(/[#@_]|NaN|undefined| {2}/);
      }
    }
  });

  test("changes, trends and places say what they are beside", () => {
    expect(said("work_missed_share_change", 0.6, 0.1)).toBe(
      "Share of work not handed in up by 60 points in the last 4 weeks, beside the time before; the peers' median is up by 10 points",
    );
    expect(said("active_days_trend", -0.2, 0)).toBe(
      "Days at work on the platform down by 0.2 days a week, each week of the last 9; the peers' median is unchanged",
    );
    expect(said("mathematics_mark_rank", 0.02, 0.5)).toBe("Mark in mathematics: lower than for 98 % of the peers");
  });

  test("weights are told as a multiple, counts out of what they are out of, early as early", () => {
    expect(said("weight_missed", 780, 135)).toBe("The work not handed in weighs 5.8 times what the peers' median does");
    expect(said("work_missed", 5, 1, { work_missed: 5, work_due: 12 })).toBe(
      "Did not hand in 5 of 12 pieces of work; the peers' median is 1 piece",
    );
    expect(said("days_late_mean", -2, 1)).toBe(
      "Work comes 2 days before the due day on average; the peers' median is 1 day after it",
    );
    expect(said("work_missed_share_28_days", 0, 0.13)).toBe(
      "Handed in all work due in the last 4 weeks; the peers' median leaves out 13 %",
    );
    expect(said("entered_mid_year", 1, 0)).toBe("Came in the middle of the year");
  });
});
