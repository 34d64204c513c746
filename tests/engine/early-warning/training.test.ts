import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  evidenceOf,
  intervalOf,
  neighboursOf,
  yearlySpread,
} from "../../../src/engine/early-warning/model/evidence.ts";
import type { TrainingTable } from "../../../src/engine/early-warning/risk-tables.ts";
import { asShown, checkCalibration } from "../../../src/engine/early-warning/training/calibrate.ts";
import { chooseCandidate } from "../../../src/engine/early-warning/training/choose.ts";
import { divideRows } from "../../../src/engine/early-warning/training/divisions.ts";
import { familiarColumns } from "../../../src/engine/early-warning/training/fit-risk.ts";
import { logit, sigmoid } from "../../../src/numeric/log-odds.ts";
import { random } from "../../../src/numeric/random.ts";

/** Persons of periods that begin a year apart, one row each unless days say otherwise. */
function table(
  persons: number,
  periods: number,
  days: readonly string[] = ["12-12"],
  ripeOn?: Record<string, string>,
): TrainingTable {
  const rows = Array.from({ length: periods }, (_, period) => period).flatMap((period) =>
    Array.from({ length: persons }, (_, person) => person).flatMap((person) =>
      days.map((day) => ({ person: `p${person}`, period: `y${period}`, asOf: `${2020 + period}-${day}` })),
    ),
  );
  return {
    learner: rows.map(({ person, period }) => `${person}@${period}`),
    person: rows.map(({ person }) => person),
    period: rows.map(({ period }) => period),
    peerGroup: rows.map(() => ""),
    asOf: rows.map((row) => row.asOf),
    matrix: { rows: rows.length, columns: [] },
    catalogVersion: "1",
    labels: new Uint8Array(rows.length),
    ...(ripeOn === undefined ? {} : { ripeOn }),
  };
}

const keysOf = ({ person }: TrainingTable): string[] => {
  const rng = random("keys");
  return person.map(() =>
    rng
      .integer(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  );
};

test("with several finished years models of earlier ones are asked about later ones; half of the last one's persons judge", () => {
  const data = table(40, 4, ["11-14", "12-12"]);
  const { scheme, choose, judge } = divideRows(data, keysOf(data));
  expect(scheme).toBe("rolling origins");
  const years = (rows: readonly number[]) => [...new Set(rows.map((row) => data.period[row]!))];
  expect(choose.map(({ train, test: asked }) => [years(train), years(asked)])).toEqual([
    [["y0"], ["y1"]],
    [["y0", "y1"], ["y2"]],
    [["y0", "y1", "y2"], ["y3"]],
  ]);
  expect(judge.train).toBe(choose.at(-1)!.train);
  const persons = (rows: readonly number[]) => rows.map((row) => data.person[row]!);
  expect(persons(judge.test).filter((one) => persons(choose.at(-1)!.test).includes(one))).toEqual([]);
  expect(judge.test.length + choose.at(-1)!.test.length).toBe(40);
  expect(judge.test.length).toBeGreaterThan(10);
  // Both days train, and each learner is asked about once a year, on the later one.
  expect(judge.train).toHaveLength(240);
  expect(new Set(judge.test.map((row) => data.asOf[row]))).toEqual(new Set(["2023-12-12"]));
});

test("a year whose labels were not ripe by then does not train a model that is asked about that day", () => {
  const data = table(20, 3, ["12-12"], { y0: "2021-08-01", y1: "2022-12-31", y2: "2023-08-01" });
  const { judge } = divideRows(data, keysOf(data));
  expect(new Set(judge.train.map((row) => data.period[row]))).toEqual(new Set(["y0"]));
});

test("where periods overlap, half of what has begun trains at least; a small first one does not choose for a large whole", () => {
  const data = table(20, 3, ["12-12"], { y0: "2021-08-01", y1: "2022-12-31", y2: "2023-08-01" });
  const large = data.period.map((period, row) => (period === "y0" && row >= 4 ? -1 : row)).filter((row) => row >= 0);
  const pick = (values: readonly string[]) => large.map((row) => values[row]!);
  const thin = {
    ...data,
    ...{ learner: pick(data.learner), person: pick(data.person), period: pick(data.period), asOf: pick(data.asOf) },
  };
  const { choose, judge } = divideRows(thin, keysOf(thin));
  expect(new Set(judge.train.map((row) => thin.period[row]))).toEqual(new Set(["y0", "y1"]));
  expect(choose).toHaveLength(1);
  expect(new Set(choose[0]!.test.map((row) => thin.period[row]))).toEqual(new Set(["y2"]));
});

test("no person is on both sides of one year, every row is asked about once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 80 }), (persons) => {
      const data = table(persons, 1);
      const { scheme, choose, judge } = divideRows(data, keysOf(data));
      expect(scheme).toBe("held-out persons");
      const asked = choose.flatMap(({ test: rows }) => rows);
      expect(new Set(asked).size).toBe(asked.length);
      expect(asked.length + judge.test.length).toBe(persons);
      for (const { train, test: rows } of [...choose, judge]) {
        const trained = new Set(train.map((row) => data.person[row]));
        expect(rows.filter((row) => trained.has(data.person[row]))).toEqual([]);
      }
      const judged = new Set(judge.test);
      expect(asked.filter((row) => judged.has(row))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test("however few ended badly, every fold learns from both ends and is asked about both", () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 12 }), fc.integer({ min: 30, max: 60 }), fc.boolean(), (few, many, flip) => {
      const data = table(few + many, 1);
      const labels = Uint8Array.from(data.person, (_, row) => Number(row < few !== flip));
      const { choose, judge } = divideRows({ ...data, labels }, keysOf(data));
      for (const { train, test: rows } of [...choose, judge]) {
        for (const part of [train, rows]) expect(new Set(part.map((row) => labels[row]))).toEqual(new Set([0, 1]));
      }
    }),
    { numRuns: 30 },
  );
});

const labelled = (probabilities: Float64Array, seed: string): Uint8Array => {
  const rng = random(seed);
  return Uint8Array.from(probabilities, (p) => (rng.next() < p ? 1 : 0));
};

test("inside the noise the simpler candidate wins, also at the capacity; a better one is chosen where it is better", () => {
  const rng = random("choose");
  const truth = Float64Array.from({ length: 600 }, () => sigmoid(-1.5 + 1.5 * rng.normal()));
  const labels = labelled(truth, "labels");
  const blurred = truth.map((p) => sigmoid(logit(p) + 0.02 * rng.normal()));
  const constant = truth.map(() => 0.25);
  expect(chooseCandidate([blurred, truth], labels, random(1))).toBe(0);
  expect(chooseCandidate([constant, truth], labels, random(1))).toBe(1);
  // The same Brier loss but for the top: what a caseload is cut from decides between them.
  const top = [...truth.keys()].sort((a, b) => truth[b]! - truth[a]!).slice(0, 60);
  const upsideDown = truth.slice();
  for (const [place, row] of top.entries()) upsideDown[row] = truth[top[59 - place]!]! - 0.35;
  expect(chooseCandidate([upsideDown, truth], labels, random(1))).toBe(1);
});

test("calibration is kept where it pays on rows it has not seen, and left where it does not", () => {
  const rng = random("calibrate");
  const truth = Float64Array.from({ length: 800 }, () => sigmoid(-1 + rng.normal()));
  const labels = labelled(truth, "calibration labels");
  const scores = truth.map(logit);
  const part = (from: number, to: number, change: (score: number) => number) => ({
    scores: scores.slice(from, to).map(change),
    labels: labels.slice(from, to),
  });
  const sure = (score: number): number => 3 * score + 1;
  const pays = checkCalibration("rolling origins", [part(0, 400, sure), part(400, 800, sure)], random(1));
  expect(pays.check).toMatchObject({ accepted: true, seenOn: "a later period" });
  expect(pays.fitted?.slope).toBeCloseTo(1 / 3, 1);
  // What would mend the first period is wrong in the second.
  const turned = checkCalibration("rolling origins", [part(0, 400, sure), part(400, 800, (score) => score)], random(1));
  expect(turned.check.accepted).toBe(false);
  expect(turned.fitted).toBeUndefined();
  expect(checkCalibration("held-out persons", [part(0, 30, sure)], random(1)).check.seenOn).toBe(
    "nothing: too few rows",
  );
});

/** How often intervals hold the true frequency, where the year of the ranking differs from that learned from by `moved` in log-odds. */
function coverageOf(yearly: number, moved: number): number {
  const rng = random("intervals");
  const truth = Float64Array.from({ length: 2000 }, () => sigmoid(-1.2 + 1.3 * rng.normal()));
  let [covered, asked] = [0, 0];
  for (let draw = 0; draw < 40; draw++) {
    const evidence = evidenceOf(truth, labelled(truth, `evidence ${draw}`), yearly);
    const by = moved * rng.normal();
    for (let p = 0.03; p < 0.8; p += 0.04) {
      const { low, high } = intervalOf(evidence, p);
      expect(low).toBeLessThanOrEqual(p);
      expect(high).toBeGreaterThanOrEqual(p);
      // The model says half of the true frequency: the interval must find that frequency all the same.
      const biased = intervalOf({ ...evidence, probabilities: evidence.probabilities.map((own) => own / 2) }, p / 2);
      const frequency = sigmoid(logit(p) + by);
      covered += biased.low <= frequency && frequency <= biased.high ? 1 : 0;
      asked += 1;
    }
  }
  return covered / asked;
}

describe("intervals", () => {
  test("hold their probability, and cover as often as they say, within a year and from year to year", () => {
    const within = coverageOf(0, 0);
    expect(within).toBeGreaterThan(0.9);
    expect(within).toBeLessThan(0.995); // nor so wide that it says nothing
    const across = coverageOf(0.3, 0.3);
    expect(across).toBeGreaterThan(0.88); // 40 years: a year's move is shared by all its learners
    expect(across).toBeLessThan(0.995);
    expect(coverageOf(0, 0.3)).toBeLessThan(across - 0.05); // who takes next year for this one covers less
  });

  test("every learner with the same probability stands behind one", () => {
    const tied = evidenceOf(new Float64Array(500).fill(0.2), labelled(new Float64Array(500).fill(0.2), "tied"), 0);
    expect(intervalOf(tied, 0.2).high - intervalOf(tied, 0.2).low).toBeLessThan(0.08); // all 500, not the nearest 77
    expect(neighboursOf(500)).toBe(77);
  });

  test("at the top of the ranking all neighbours stand below, and the interval is around the learner all the same", () => {
    const said = Float64Array.from({ length: 600 }, (_, row) => (0.9 * row) / 600);
    const { low, high } = intervalOf(evidenceOf(said, labelled(said, "top"), 0), 0.95);
    expect(low).toBeGreaterThan(0.7); // the 88 nearest were given 0.77 to 0.9
    expect(high).toBeLessThan(0.995);
    const narrow = intervalOf(evidenceOf(said, labelled(said, "top"), 0), 0.85);
    expect(high - low).toBeGreaterThan(0.5 * (narrow.high - narrow.low)); // beside the evidence nothing is sure
  });

  test("years that differ beyond chance are learned from, chance is not, and one year shows nothing", () => {
    const yearOf = (moved: number, name: string) => {
      const probabilities = Float64Array.from({ length: 1500 }, (_, row) => 0.1 + (0.4 * row) / 1500);
      return {
        probabilities,
        labels: labelled(
          probabilities.map((p) => sigmoid(logit(p) + moved)),
          name,
        ),
      };
    };
    const usual = yearlySpread([yearOf(0, "one")]);
    expect(yearlySpread([yearOf(0, "a"), yearOf(0, "b"), yearOf(0, "c")])).toBeLessThan(usual);
    expect(yearlySpread([yearOf(0.8, "d"), yearOf(-0.8, "e"), yearOf(0.8, "f")])).toBeGreaterThan(1.8 * usual);
  });
});

test("familiarity goes by levels: a window or a change of a measure that is known is left out", () => {
  const features = [
    "work_missed_share",
    "work_missed_share_28_days",
    "work_missed_share_change",
    "active_days_28_days",
  ];
  expect(familiarColumns([...features, "score_mean_rank"])).toEqual([
    "work_missed_share",
    "active_days_28_days", // its level is not among the columns
    "score_mean_rank",
  ]);
});

test("a candidate is judged as it would be shown: calibrated on the other half where that helps, row by row", () => {
  const rng = random("as shown");
  const truth = Float64Array.from({ length: 1001 }, () => sigmoid(1.5 * rng.normal()));
  const labels = labelled(truth, "as shown");
  const off = truth.map((p) => logit(p) + 2); // ranks as the truth does, and says too much of everybody
  const brier = (said: Float64Array): number => said.reduce((sum, p, row) => sum + (p - labels[row]!) ** 2, 0) / 1001;
  const shown = asShown({ scores: off, labels }, rng);
  expect(brier(shown)).toBeLessThan(brier(truth) + 0.005);
  expect(brier(off.map(sigmoid))).toBeGreaterThan(brier(truth) + 0.05);
  for (const [row, p] of shown.entries()) expect(p).toBeCloseTo(truth[row]!, 0); // every row its own, in its place
  // where nothing is gained, and with too few rows, it is left alone
  expect(asShown({ scores: truth.map(logit).slice(0, 20), labels: labels.slice(0, 20) }, rng)[3]).toBeCloseTo(
    truth[3]!,
    12,
  );
});
