import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Issuer, Recognition } from "../../../src/records/credentials/issue.ts";
import { issueAchievement, issueRecord } from "../../../src/records/credentials/issue.ts";
import type { JsonObject } from "../../../src/records/credentials/json.ts";
import { openSigningKeys } from "../../../src/records/credentials/signing-keys.ts";
import { decideIssuer } from "../../../src/records/credentials/trust.ts";
import { createTenant, inTenant } from "../../../src/records/database.ts";
import type { CredentialImportOptions } from "../../../src/records/import/credentials/import.ts";
import { importCredentials } from "../../../src/records/import/credentials/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";

const database = useDatabase();
const now = new Date("2026-03-02T09:30:00Z");
const receivedAt = new Date("2026-04-01T00:00:00Z");
const holderDid = "did:example:ada";
const badge: Recognition = {
  key: "b1",
  achievementType: "Badge",
  title: "Comparing fractions",
  description: "Compares fractions",
  criteria: "Four of five",
  awardedOn: "2026-03-01",
  standards: [{ standard: "4.NF.A.2", label: "Compare two fractions" }],
};

let folder = "";
let issuer: Issuer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-credentials-"));
  issuer = { name: "Robotics Club", keys: await openSigningKeys(join(folder, "keys"), "club", now) };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
/** A district with two learners who share an e-mail address. */
async function district(): Promise<string> {
  const id = `credentials-${++count}`;
  await createTenant(database(), { id, name: id });
  await inTenant(database(), id, async ({ sql }) => {
    const base = {
      record_key: "",
      content_hash: "",
      class: "certified",
      authority: id,
      batch_id: "b",
      source_record_id: "s",
      known_on: "2025-01-01",
      received_at: "2025-01-01T00:00:00Z",
      tenant_id: id,
    };
    const persons = ["ada", "ben"].map((person_id) => ({
      ...base,
      record_key: person_id,
      person_id,
      email: "family@example.org",
    }));
    const identifiers = [
      { person_id: "ada", system: "district", value: "1001" },
      { person_id: "ada", system: "other:did", value: holderDid },
      { person_id: "ben", system: "district", value: "1002" },
    ].map((row, i) => ({ ...base, ...row, record_key: `i${i}` }));
    const columns =
      "record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at, tenant_id, person_id";
    await sql.unsafe(
      `insert into person (${columns}, email) select ${columns}, email from jsonb_populate_recordset(null::person, $1::text::jsonb)`,
      [JSON.stringify(persons)],
    );
    await sql.unsafe(
      `insert into identifier (${columns}, system, value) select ${columns}, system, value from jsonb_populate_recordset(null::identifier, $1::text::jsonb)`,
      [JSON.stringify(identifiers)],
    );
  });
  return id;
}

const trusted = (tenantId: string): Promise<void> => {
  const did = issuer.keys.current.controller;
  return inTenant(database(), tenantId, (tx) =>
    decideIssuer(tx, { issuer: did, authority: did, standing: "certified" }, { decidedBy: "registrar", now }),
  );
};

async function delivered(files: Record<string, JsonObject | string>): Promise<string> {
  const path = join(folder, `delivery-${++count}`);
  await mkdir(path);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return path;
}

const imported = (tenantId: string, path: string, options: Partial<CredentialImportOptions> = {}) =>
  importCredentials(database(), { tenantId, path, receivedAt, ...options });
const rows = (tenantId: string): Promise<Record<string, unknown>[]> =>
  inTenant(database(), tenantId, async ({ sql }) =>
    (
      await sql`select person_id, class, authority, kind, title, issuer, issuer_name, issued_on::text, standards, verification from credential order by version_id`
    ).map((row) => ({ ...row })),
  );

test("from a trusted issuer a badge is certified; from another it is contributed, with the reason", async () => {
  const path = await delivered({ "badge.json": await issueAchievement(issuer, holderDid, badge, now) });
  const tenantId = await district();
  expect((await imported(tenantId, path)).files).toMatchObject([{ rows: 1, new: 1, refused: 0 }]);
  expect(await rows(tenantId)).toMatchObject([{ person_id: "ada", class: "contributed", authority: tenantId }]);
  // Trust that comes later certifies what is there, as a new version; the same file again changes nothing.
  await trusted(tenantId);
  expect((await imported(tenantId, path)).files).toMatchObject([{ rows: 1, changed: 1 }]);
  expect((await imported(tenantId, path)).files).toMatchObject([{ rows: 1, unchanged: 1 }]);
  const [, certified, ...more] = await rows(tenantId);
  expect(more).toEqual([]);
  expect(certified).toMatchObject({
    class: "certified",
    authority: issuer.keys.current.controller,
    issuer: issuer.keys.current.controller,
    issuer_name: "Robotics Club",
    kind: "badge",
    title: "Comparing fractions",
    issued_on: "2026-03-01",
    standards: ["4.NF.A.2"],
    verification: {
      kind: "signature",
      result: "verified",
      answers: { signature: { outcome: "verified" }, status: { outcome: "verified" } },
    },
  });
});

test("a badge whose signature fails, or that has expired, is contributed although its issuer is trusted", async () => {
  const tenantId = await district();
  await trusted(tenantId);
  const signed = await issueAchievement(issuer, holderDid, badge, now);
  const path = await delivered({
    "changed.json": { ...signed, name: "Another name" },
    "early.json": await issueAchievement(issuer, holderDid, { ...badge, key: "b2", awardedOn: "2026-09-01" }, now),
  });
  await imported(tenantId, path);
  expect((await rows(tenantId)).map((row) => [row.class, (row.verification as { result: string }).result])).toEqual([
    ["contributed", "failed"],
    ["contributed", "verified"],
  ]);
});

test("the badges inside a CLR go in by themselves, each judged by itself", async () => {
  const tenantId = await district();
  await trusted(tenantId);
  const other = { name: "Somebody", keys: await openSigningKeys(join(folder, "keys"), "somebody", now) };
  const credentials = [
    await issueAchievement(issuer, holderDid, badge, now),
    await issueAchievement(other, holderDid, { ...badge, title: "Swimming" }, now),
  ];
  const { proof: _, ...record } = await issueRecord(issuer, holderDid, { credentials, record: {} }, now);
  const { learnerRecord: __, ...subject } = record.credentialSubject as Record<string, unknown>;
  // A CLR of another maker: no Backpack in it, and here no proof either.
  await imported(tenantId, await delivered({ "clr.json": { ...record, credentialSubject: subject } }));
  expect((await rows(tenantId)).map((row) => [row.kind, row.title, row.class])).toEqual([
    ["record", "Learner record", "contributed"],
    ["badge", "Comparing fractions", "certified"],
    ["badge", "Swimming", "contributed"],
  ]);
});

test("the holder is who the badge names, in plain or hashed, or whom the operator says", async () => {
  const tenantId = await district();
  const hash = createHash("sha256").update("1002deadsea").digest("hex");
  const named = (id: string, identity: object): JsonObject => ({
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    id,
    type: ["VerifiableCredential", "OpenBadgeCredential"],
    issuer: { id: "https://example.org", type: ["Profile"] },
    validFrom: "2026-01-01T00:00:00Z",
    credentialSubject: {
      type: ["AchievementSubject"],
      identifier: [{ type: "IdentityObject", ...identity }],
      achievement: { id: "urn:x:a", type: ["Achievement"], name: "A", description: "a", criteria: { narrative: "c" } },
    },
  });
  const path = await delivered({
    "1.json": named("urn:x:1", { hashed: true, identityHash: `sha256$${hash}`, salt: "deadsea" }),
    "2.json": named("urn:x:2", { hashed: false, identityHash: "family@example.org" }),
    "3.json": named("urn:x:3", { hashed: false, identityHash: "stranger@example.org" }),
  });
  const report = await imported(tenantId, path);
  expect((await rows(tenantId)).map((row) => row.person_id)).toEqual(["ben"]);
  expect(report.refusals).toMatchObject([
    { file: "2.json", code: "AMBIGUOUS" },
    { file: "3.json", code: "DANGLING" },
  ]);
  await imported(tenantId, path, { student: "1001" });
  expect((await rows(tenantId)).map((row) => row.person_id)).toEqual(["ben", "ada", "ada", "ada"]);
  expect((await imported(tenantId, path, { student: "9999" })).refusals[0]).toMatchObject({
    code: "DANGLING",
    column: "student",
  });
});

test("what is no credential is refused, kept and named; a dry run writes nothing; a single file and a Backpack are told apart", async () => {
  const tenantId = await district();
  const good = await issueAchievement(issuer, holderDid, badge, now);
  const backpack = await issueRecord(
    issuer,
    holderDid,
    { credentials: [good], record: { format: "cairn-backpack" } },
    now,
  );
  const path = await delivered({ "a.json": "{", "b.json": { hello: "world" }, "c.json": good, "d.json": backpack });
  const dry = await imported(tenantId, path, { dryRun: true });
  expect(await rows(tenantId)).toEqual([]);
  const report = await imported(tenantId, path);
  expect(report.files).toEqual(dry.files);
  expect(report.refusals.map(({ file, code }) => [file, code])).toEqual([
    ["a.json", "BAD_VALUE"],
    ["b.json", "BAD_VALUE"],
    ["d.json", "BAD_VALUE"],
  ]);
  expect(report.refusals[2]!.reason).toMatch(/cairn backpack import/);
  expect((await imported(tenantId, join(path, "c.json"))).files).toMatchObject([{ file: "c.json", unchanged: 1 }]);
  await expect(imported(tenantId, join(folder, "nothing"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
});

const datasets = datasetsFolder();
test.skipIf(datasets === undefined)(
  "every public fixture is imported or refused, and none certified (needs ../shared/datasets)",
  async () => {
    const tenantId = await district();
    const report = await imported(tenantId, join(datasets!, "standards/openbadges-clr"), { student: "1001" });
    expect(report.files.every((file) => file.rows === file.new + file.changed + file.unchanged + file.refused)).toBe(
      true,
    );
    expect(new Set((await rows(tenantId)).map((row) => row.class))).toEqual(new Set(["contributed"]));
    const again = await imported(tenantId, join(datasets!, "standards/openbadges-clr"), { student: "1001" });
    expect(again.files.reduce((sum, file) => sum + file.new, 0)).toBe(0);
  },
);
