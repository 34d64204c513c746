import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certifies } from "../../../src/records/credentials/answers.ts";
import { awardBadge } from "../../../src/records/credentials/award.ts";
import type { Issuer, Recognition } from "../../../src/records/credentials/issue.ts";
import type { JsonObject } from "../../../src/records/credentials/json.ts";
import { openSigningKeys, rotateSigningKey } from "../../../src/records/credentials/signing-keys.ts";
import { revokeCredential, statusLists } from "../../../src/records/credentials/status-list.ts";
import { verifyCredential } from "../../../src/records/credentials/verify.ts";
import { inTenant } from "../../../src/records/database.ts";
import { erasePerson } from "../../../src/records/erasure/erase.ts";
import { useDatabase } from "../../support/database.ts";
import { familyDistrict } from "../family.ts";
import { cleanUp, query } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();
const now = new Date("2026-07-02T09:00:00Z");
const badge: Recognition = {
  key: "first",
  achievementType: "Badge",
  title: "Comparing fractions",
  description: "Compares fractions",
  criteria: "Four of five right",
  awardedOn: "2026-06-01",
};
const why = { reason: "the wrong learner", decidedBy: "registrar", now };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-keys-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function awarding() {
  const own = await familyDistrict(database());
  const { tenantId, within } = own;
  const issuer = async (): Promise<Issuer> => ({
    name: "Valley",
    keys: await openSigningKeys(folder, tenantId, now),
  });
  const award = async (personId: string, key = "first"): Promise<JsonObject> => {
    const current = await issuer();
    return within((tx) => awardBadge(tx, { issuer: current, personId, badge: { ...badge, key }, now }));
  };
  const lists = async () => {
    const current = await issuer();
    return within((tx) => statusLists(tx, current, now));
  };
  const status = async (document: JsonObject) =>
    (await verifyCredential(document, { now, statusLists: await lists() })).status;
  return { ...own, award, lists, status };
}

test("an awarded badge has a place in the list; taken back, everybody who has the list finds it revoked, and no other", async () => {
  const { tenantId, ada, ben, within, award, lists, status } = await awarding();
  const [hers, his] = [await award(ada), await award(ben)];
  expect(certifies(await verifyCredential(hers, { now, statusLists: await lists() }))).toBe(true);
  expect((await verifyCredential(hers, { now })).status.outcome).toBe("not-checked");
  await within((tx) => revokeCredential(tx, { ...why, id: String(hers.id) }));
  await within((tx) => revokeCredential(tx, { ...why, id: String(hers.id) }));
  expect(await status(hers)).toEqual({ outcome: "failed", reason: "it was revoked" });
  expect((await status(his)).outcome).toBe("verified");
  for (const list of (await lists()).values()) {
    expect((await verifyCredential(list, { now })).signature.outcome).toBe("verified");
    expect(JSON.stringify(list).length).toBeLessThan(100_000);
  }
  expect(
    await query(
      database(),
      tenantId,
      "select retracted_at is not null as taken_back from credential order by person_id, version_id",
    ),
  ).toHaveLength(3);
  await expect(award(ada)).rejects.toMatchObject({ code: "CONFLICT" });
});

test("a badge signed by an earlier key is found in the list of that key", async () => {
  const { tenantId, ada, within, award, lists, status } = await awarding();
  const first = await award(ada);
  await rotateSigningKey(folder, tenantId, now);
  const second = await award(ada, "second");
  expect([...(await lists()).keys()]).toHaveLength(2);
  expect([(await status(first)).outcome, (await status(second)).outcome]).toEqual(["verified", "verified"]);
  await within((tx) => revokeCredential(tx, { ...why, id: String(first.id) }));
  expect([(await status(first)).outcome, (await status(second)).outcome]).toEqual(["failed", "verified"]);
});

test("what was taken back stays so when the learner's record is erased, and names nobody", async () => {
  const { tenantId, ada, within, award, status } = await awarding();
  const hers = await award(ada);
  await within((tx) => revokeCredential(tx, { ...why, id: String(hers.id) }));
  await within((tx) => erasePerson(tx, { personId: ada, cause: "asked", decidedBy: "office", now }));
  expect(await query(database(), tenantId, "select 1 from credential")).toEqual([]);
  expect((await status(hers)).outcome).toBe("failed");
});

test("what the district has not awarded it cannot take back; without a reason nothing is", async () => {
  const { tenantId, ada, award, within } = await awarding();
  const hers = await award(ada);
  const revoke = (changes: object) => within((tx) => revokeCredential(tx, { ...why, id: String(hers.id), ...changes }));
  await expect(revoke({ id: "urn:uuid:6f2e33e5-7a29-4155-840a-59483ba10164" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(revoke({ reason: " " })).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(
    inTenant(database(), "north", (tx) => revokeCredential(tx, { ...why, id: String(hers.id) })),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await query(database(), tenantId, "select 1 from credential_revocation")).toEqual([]);
});
