import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pastLearners } from "../../../benchmarks/serving/pedagogy/district.ts";
import { describeResults, resultsOf } from "../../../benchmarks/serving/pedagogy/report.ts";
import { simulate } from "../../../benchmarks/serving/pedagogy/simulate.ts";
import { defaultPlaylistPolicy } from "../../../src/engine/playlists/policy.ts";

// The whole measurement is `node dist/benchmarks/serving/main.js pedagogy`; here one small district, to see that what must always
// hold holds, and that the lists teach more than a lot does.
test("simulated learners: nothing rests on what is believed unmastered, minutes and decisions are kept, and more is learned than by lot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-pedagogy-"));
  try {
    const seed = "a small district";
    const past = await pastLearners(folder, seed, 200);
    expect(past.data.interactions.activityIdx.length).toBeGreaterThan(1000);
    expect(past.data.observations.outcome.length).toBeGreaterThan(10_000);
    const outcomes = simulate(past, { seed, learners: 16, weeks: 6, policy: defaultPlaylistPolicy });
    const results = resultsOf([outcomes]);
    const of = (policy: string) => results.find((one) => one.policy === policy)!;
    expect(of("cairn")).toMatchObject({ violationsBelieved: 0, overBudget: 0, bansBroken: 0 });
    expect(of("cairn").pins).toBeGreaterThan(0);
    expect(of("cairn").pinsKept).toBe(of("cairn").pins);
    expect(of("random").violationsBelieved).toBeGreaterThan(0.2);
    expect(of("random").cairnMore!.mean).toBeGreaterThan(0);
    expect(describeResults(results).split("\n")).toHaveLength(results.length + 3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
