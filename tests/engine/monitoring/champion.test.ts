import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { readRun } from "../../../src/engine/batch/inputs.ts";
import { inputsOf } from "../../../src/engine/batch/parts.ts";
import { trainRiskModel } from "../../../src/engine/early-warning/prepare.ts";
import { abstentionOf } from "../../../src/engine/monitoring/abstention.ts";
import { monitorDistrict, needsOf, readMonitoring } from "../../../src/engine/monitoring/monitor.ts";
import type { ModelComparison } from "../../../src/engine/monitoring/proposals.ts";
import { decideProposal, storeProposal } from "../../../src/engine/monitoring/proposals.ts";
import { describeMonitoring } from "../../../src/engine/monitoring/report.ts";
import { shownRankings } from "../../../src/engine/monitoring/scores.ts";
import { riskScore } from "../../../src/records/schema/index.ts";
import { asOf, deliver, look, refusal, runNight, useCairn, useDistrictFiles } from "../district.ts";

const cairn = useCairn();
const files = useDistrictFiles();
const tenantId = "north";

beforeAll(() => deliver(cairn(), tenantId, files()), 120_000);

const scoredWith = async (runId: string): Promise<string> =>
  inputsOf(await readRun(cairn(), tenantId, runId), "risk").modelId;

const comparison: ModelComparison = {
  ...{ snapshotId: "s", asOf, period: "2024-2025", outcome: "off-track" },
  ...{ learners: 100, leftOut: 0, withOutcome: 20, capacity: 25, figures: [] },
};

async function decide(
  champion: string,
  challenger: string,
  decision: "accepted" | "declined",
  period: string,
): Promise<void> {
  const { proposalId } = await storeProposal(cairn(), tenantId, {
    ...{ champion, challenger, comparison: { ...comparison, period }, proposedBy: "operator" },
  });
  await decideProposal(cairn(), tenantId, { proposalId, decision, reason: "by its table", decidedBy: "Ms Office" });
}

test("the night scores with what was decided for, until something else is; a model that cannot be read stops it", async () => {
  const first = await scoredWith(await runNight(cairn(), tenantId, "2025-12-08"));
  const second = await scoredWith(await runNight(cairn(), tenantId, "2025-12-09"));
  expect(second).not.toBe(first); // nobody has decided: each night uses what it trained

  await decide(first, second, "declined", "2023-2024");
  expect(await scoredWith(await runNight(cairn(), tenantId, "2025-12-10"))).toBe(first);
  await decide(first, second, "accepted", "2024-2025");
  const night = await runNight(cairn(), tenantId, asOf);
  expect(await scoredWith(night)).toBe(second);
  // What a night trains is in the registry for the next proposal, and shown to nobody.
  const { modelId: trained } = await trainRiskModel(cairn(), tenantId, asOf);
  expect([first, second]).not.toContain(trained);
  expect(await runNight(cairn(), tenantId, asOf)).toBe(night);

  const path = join(cairn().folders.artifacts, `${second}.safetensors`);
  const bytes = await readFile(path);
  await rm(path);
  const { code } = await refusal(runNight(cairn(), tenantId, asOf));
  await writeFile(path, bytes);
  expect(["NOT_FOUND", "ARTIFACT_CORRUPT"]).toContain(code);
}, 300_000);

test("a night without a number for more than half of the learners needs a person; for half of them, not yet", async () => {
  const of = async () => (await abstentionOf(cairn(), tenantId, await shownRankings(cairn(), tenantId)))!;
  const before = await of();
  expect(before).toMatchObject({ asOf, isMass: false });
  const { runId } = (await shownRankings(cairn(), tenantId)).at(-1)!;
  const numbered = await look(cairn(), tenantId, ({ orm }) =>
    orm.select().from(riskScore).where(eq(riskScore.runId, runId)).orderBy(riskScore.pseudonym),
  );
  const left = numbered.filter(({ probability }) => probability !== null);
  const silence = (pseudonyms: readonly string[]) =>
    look(cairn(), tenantId, async ({ sql }) => {
      await sql`reset role`; // scores are never changed by cairn; the test plays a night that went wrong
      await sql`update risk_score set probability = null, low = null, high = null, abstained = 'only 0 of 9', coverage = 0
        where run_id = ${runId} and pseudonym = any(${[...pseudonyms]})`;
    });
  const half = Math.floor(before.learners / 2) - before.abstained;
  await silence(left.slice(0, half).map(({ pseudonym }) => pseudonym));
  expect(await of()).toMatchObject({ abstained: Math.floor(before.learners / 2), isMass: false });
  await silence(left.slice(half, half + 1).map(({ pseudonym }) => pseudonym));
  const after = await of();
  expect(after).toMatchObject({ unknown: before.unknown + half + 1, unlike: before.unlike, isMass: true });

  const report = await monitorDistrict(cairn(), tenantId, { asOf, weeks: 1 });
  expect(report.needs[0]).toContain(`no number for ${after.abstained} of ${after.learners} learners`);
  expect((await readMonitoring(cairn(), tenantId)).abstention).toEqual(after);
  expect(describeMonitoring(report)).toContain(`No number for ${after.abstained}`);
  expect(needsOf({ ...report, abstention: before })).toEqual(report.needs.slice(1));
}, 120_000);
