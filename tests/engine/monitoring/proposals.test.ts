import { expect, test } from "vitest";
import { baseRates } from "../../../src/engine/monitoring/base-rate.ts";
import { decidedChampion } from "../../../src/engine/monitoring/champion.ts";
import { compareModels } from "../../../src/engine/monitoring/compare-models.ts";
import type { ModelComparison } from "../../../src/engine/monitoring/proposals.ts";
import { decideProposal, listProposals, storeProposal } from "../../../src/engine/monitoring/proposals.ts";
import { calibrationOf } from "../../../src/engine/monitoring/scores.ts";
import { random } from "../../../src/numeric/random.ts";
import { refusal, useCairn } from "../district.ts";

const cairn = useCairn();

/** Learners with a true chance each, and what came. */
function learners(rows: number, seed: string) {
  const rng = random(seed);
  const truth = Float64Array.from({ length: rows }, () => 0.02 + 0.6 * rng.next());
  const labels = Uint8Array.from(truth, (chance) => (rng.next() < chance ? 1 : 0));
  return { truth, labels, noise: Float64Array.from(truth, () => rng.next()) };
}
const told = (scores: Pick<Parameters<typeof compareModels>[0], "labels" | "champion" | "challenger">) =>
  compareModels({ ...scores, capacity: 60, seed: "s", resamples: 300 });

test("a challenger who knows the truth beats one who guesses, and the other way round; the differences change sign", () => {
  const { truth, labels, noise } = learners(600, "a");
  const won = told({ labels, champion: noise, challenger: truth });
  expect(won.map(({ verdict }) => verdict)).toEqual(Array(4).fill("challenger"));
  const lost = told({ labels, champion: truth, challenger: noise });
  expect(lost.map(({ verdict }) => verdict)).toEqual(Array(4).fill("champion"));
  for (const [index, { difference }] of won.entries()) {
    expect(difference.low).toBeLessThanOrEqual(difference.value);
    expect(difference.high).toBeGreaterThanOrEqual(difference.value);
    expect(lost[index]!.difference.value).toBeCloseTo(-difference.value, 12);
  }
});

test("equal models differ by nothing; two that are equally good are called different about as often as the level says", () => {
  const { truth, labels } = learners(300, "b");
  for (const { difference, verdict } of told({ labels, champion: truth, challenger: truth })) {
    expect([difference.low, difference.high, verdict]).toEqual([0, 0, "no difference shown"]);
  }
  let calls = 0;
  for (let seed = 0; seed < 60; seed++) {
    const own = learners(200, `null ${seed}`);
    const rng = random(`noise ${seed}`);
    const blurred = () => own.truth.map((chance) => Math.min(0.99, Math.max(0.01, chance + 0.1 * rng.normal())));
    const [brier] = told({ labels: own.labels, champion: blurred(), challenger: blurred() }).filter(
      ({ figure }) => figure === "brier",
    );
    calls += brier!.verdict === "no difference shown" ? 0 : 1;
  }
  expect(calls).toBeLessThanOrEqual(8); // 5 % of 60 is 3; 8 is beyond what chance gives 99 times of 100
}, 120_000);

test("too few learners, one end only, lengths that differ: refused by code", async () => {
  const of = async (labels: Uint8Array, scores = new Float64Array(labels.length)) =>
    (await refusal(Promise.resolve().then(() => told({ labels, champion: scores, challenger: scores })))).code;
  expect(await of(new Uint8Array(49))).toBe("CONFLICT");
  expect(await of(new Uint8Array(60))).toBe("SINGLE_CLASS");
  expect(await of(new Uint8Array(60), new Float64Array(3))).toBe("SHAPE_MISMATCH");
});

const comparison: ModelComparison = {
  ...{ snapshotId: "s", asOf: "2025-12-12", period: "2024-2025", outcome: "off-track" },
  ...{ learners: 300, leftOut: 2, withOutcome: 60, capacity: 25, figures: [] },
};

test("a proposal swaps nothing until a person accepts it, once; who and why is kept; no other district sees it", async () => {
  const proposed = { champion: "old", challenger: "new", comparison, proposedBy: "operator" };
  const { proposalId, decision } = await storeProposal(cairn(), "north", proposed);
  expect(decision).toBeNull();
  expect((await storeProposal(cairn(), "north", proposed)).proposalId).toBe(proposalId);
  expect(await listProposals(cairn(), "north")).toHaveLength(1);
  expect(await decidedChampion(cairn(), "north")).toBeNull();
  const accept = {
    proposalId,
    decision: "accepted",
    reason: "fewer misses in grade 9",
    decidedBy: "Ms Office",
  } as const;
  expect((await refusal(decideProposal(cairn(), "south", accept))).code).toBe("NOT_FOUND");
  expect(await decideProposal(cairn(), "north", accept)).toMatchObject({
    comparison,
    decision: { decision: "accepted", decidedBy: "Ms Office", reason: "fewer misses in grade 9" },
  });
  expect(await decidedChampion(cairn(), "north")).toBe("new");
  expect((await refusal(decideProposal(cairn(), "north", { ...accept, decision: "declined" }))).code).toBe("CONFLICT");
  const other = await storeProposal(cairn(), "north", { ...proposed, champion: "new", challenger: "third" });
  await decideProposal(cairn(), "north", { ...accept, proposalId: other.proposalId, decision: "declined" });
  expect(await decidedChampion(cairn(), "north")).toBe("new");
  const kept = await storeProposal(cairn(), "south", { ...proposed, champion: "kept" });
  await decideProposal(cairn(), "south", { ...accept, proposalId: kept.proposalId, decision: "declined" });
  expect(await decidedChampion(cairn(), "south")).toBe("kept"); // to decline a challenger is to decide for the champion
});

test("calibration: right probabilities are called off in at most one case of twenty, doubled ones always", () => {
  let off = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { truth, labels } = learners(500, `calibrated ${seed}`);
    off += calibrationOf("2025-12-12", labels, truth).isOff ? 1 : 0;
    const doubled = truth.map((chance) => Math.min(0.99, 1.6 * chance));
    expect(calibrationOf("2025-12-12", labels, doubled).isOff).toBe(true);
  }
  expect(off).toBeLessThanOrEqual(5);
});

test("base rates: a jump in one school is told there; the same rates, nothing; one period, nothing to compare", () => {
  const rows = 1200;
  const period = Array.from({ length: rows }, (_, row) => (row < 800 ? "2023" : "2024"));
  const school = Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? "oak" : "elm"));
  const labels = (oak: number) =>
    Uint8Array.from({ length: rows }, (_, row) => {
      const share = period[row] === "2024" && school[row] === "oak" ? oak : 20;
      return Math.floor(row / 2) % 100 < share ? 1 : 0;
    });
  const found = baseRates({ period, labels: labels(45), places: { school } });
  const oak = found.find(({ place }) => place?.value === "oak")!;
  expect([oak.isShifted, oak.period, oak.reference, oak.current]).toEqual([true, "2024", 0.2, 0.45]);
  expect(found.find(({ place }) => place?.value === "elm")!.isShifted).toBe(false);
  expect(baseRates({ period, labels: labels(20), places: { school } }).some(({ isShifted }) => isShifted)).toBe(false);
  expect(baseRates({ period: period.map(() => "2024"), labels: labels(20), places: { school } })).toEqual([]);
});
