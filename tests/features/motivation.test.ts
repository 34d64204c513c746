import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import { describeMotivation } from "../../src/features/describe-motivation.ts";
import { attachRows, day, type Row } from "./snapshot-in-memory.ts";

const answers = (item: string, right: number, wrong: number): Row[] =>
  Array.from({ length: right + wrong }, (_, index) => ({
    learner: "ann@this",
    item,
    at: `${day(index % 50)} 10:${10 + Math.floor(index / 50)}:00`,
    correct: index < right ? 1 : 0,
    known_on: day(index % 50),
  }));

async function build(families: readonly string[] = ["motivation"]): Promise<FeatureTable> {
  const connection = await attachRows({
    enrolment: [
      {
        learner: "ann@this",
        person: "ann",
        period: "this",
        school: "north",
        peer_group: "north/7",
        starts_on: day(0),
        entered_on: day(0),
        known_on: day(0),
      },
    ],
    activity: ["game", "reading", "video"].map((modality) => ({ activity: modality, modality })),
    response: [...answers("game", 54, 6), ...answers("reading", 12, 48), ...answers("video", 2, 1)],
    preference: [
      { learner: "ann@this", kind: "modality", value: "Game", strength: 0.8, on_date: day(5), known_on: day(5) },
    ],
  });
  return buildFeatures(connection, await selectCohort(connection, { asOf: { this: 60 } }), { families, detail: true });
}

test("shares are shrunk to the learner's average and tell kinds apart only where the interval does", async () => {
  const table = await build();
  const value = (name: string): number => table.matrix.columns.find((column) => column.name === name)!.values[0]!;
  const average = (68 + 10 * (68 / 123)) / 133; // the only learner of the day: the peers' mean is her own
  expect(value("success_modality_game")).toBeCloseTo((54 + 10 * average) / 70, 12);
  expect(value("success_modality_video")).toBeCloseTo((2 + 10 * average) / 13, 12);
  const { findings, sentences } = describeMotivation(table, 0);
  expect(findings.map(({ kind, verdict }) => [kind.value, verdict])).toEqual([
    ["game", "above"],
    ["reading", "below"],
  ]);
  for (const { low, estimate, high } of findings) {
    expect(low).toBeLessThan(estimate);
    expect(high).toBeGreaterThan(estimate);
  }
  expect(sentences[0]).toMatch(
    /^With game, 85 % of the answers are right, above this learner's average \(from 60 answers; 90 % sure/,
  );
  expect(sentences).toContain("Said to like game.");
});

test("a wider probability gives a wider interval, and what cannot be described is refused by code", async () => {
  const table = await build();
  const [narrow, wide] = [0.5, 0.99].map((probability) => describeMotivation(table, 0, probability).findings[0]!);
  expect(wide!.high - wide!.low).toBeGreaterThan(narrow!.high - narrow!.low);
  expect(() => describeMotivation(table, 1)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  expect(() => describeMotivation(table, 0, 1)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  const other = await build(["registration"]);
  expect(() => describeMotivation(other, 0)).toThrow(expect.objectContaining({ code: "UNKNOWN_FEATURE" }));
});
