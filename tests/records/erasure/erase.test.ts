import { createHash, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { storeStatements } from "../../../src/records/activity-store/store-statements.ts";
import { tableClasses } from "../../../src/records/consent/data-classes.ts";
import { recordDecision } from "../../../src/records/consent/grants.ts";
import { readRecord } from "../../../src/records/disclosure/read-record.ts";
import { certificates, erasePerson } from "../../../src/records/erasure/erase.ts";
import { applyRetention, setRetentionRule } from "../../../src/records/erasure/retention.ts";
import { linkPersons } from "../../../src/records/identity/links.ts";
import type { JsonObject } from "../../../src/records/import/json.ts";
import { answerAccess, requestAccess } from "../../../src/records/rights/access.ts";
import { requestAmendment } from "../../../src/records/rights/amendment.ts";
import { useDatabase } from "../../support/database.ts";
import { deliverFlat, familyDistrict, now } from "../family.ts";
import { cleanUp, query } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

/** Every row of a tenant that holds one of these texts in any column, by table. */
async function found(tenantId: string, texts: string[]): Promise<Record<string, number>> {
  const tables = await query<{ name: string }>(
    database(),
    tenantId,
    "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const pattern = texts.map((text) => `(^|[^[:alnum:]])${text}($|[^[:alnum:]])`).join("|");
    const rows = await query(database(), tenantId, `select 1 from ${name} t where t::text ~ '${pattern}'`);
    if (rows.length > 0) counts[name] = rows.length;
  }
  return counts;
}

test("every table about a person has a data class, so that none is forgotten by a switch, a read or an erasure", async () => {
  const tables = await database().sql<{ name: string }[]>`
    select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'person_id'`;
  expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(tableClasses).sort());
});

test("as the application's role nothing can be deleted but by the functions that leave a certificate", async () => {
  const { within, ada } = await familyDistrict(database());
  for (const table of Object.keys(tableClasses)) {
    if (["api_key", "provider_document", "statement"].includes(table)) continue; // kept by their holders: replaced, not versioned
    if (["learner_standing", "standing_change"].includes(table)) continue; // a cache and what makes it old: no records
    await expect(
      within(({ sql }) => sql.unsafe(`delete from ${table}`)),
      table,
    ).rejects.toThrow(/permission denied/);
    await expect(
      within(({ sql }) => sql.unsafe(`update ${table} set tenant_id = tenant_id`)),
      table,
    ).rejects.toThrow(/permission denied/);
  }
  await expect(within(({ sql }) => sql.unsafe("delete from erasure"))).rejects.toThrow(/permission denied/);
  await expect(
    within(({ sql }) => sql`select * from cairn_delete_rows('person', 'true', ${[ada]}, ${[ada]})`),
  ).rejects.toThrow(/permission denied/);
});

test("an erased learner is in no row of the tenant; the certificate counts, and holds nothing of her", async () => {
  const here = await familyDistrict(database());
  const other = await familyDistrict(database());
  const { tenantId, ada, parent, within } = here;
  // Rows that came in by every door: a refused row of hers, a decision, a disclosure, a case, scores, pseudonyms.
  await deliverFlat(
    database(),
    tenantId,
    "attendance",
    "student_id,date,category,excused,reason,recorded_on\n1001,2024-13-03,absent,true,flu,2024-09-05\n1002,2024-13-03,absent,true,flu,2024-09-05\n",
  );
  await within(async (tx) => {
    await recordDecision(tx, {
      personId: ada,
      purpose: "playlist",
      decision: "deny",
      dataClasses: null,
      party: null,
      expiresOn: null,
      actorId: parent,
      authentication: "code by mail",
      recordedBy: "test",
      now,
    });
    await readRecord(tx, {
      personId: ada,
      requester: "t",
      party: "Hill School",
      purpose: "school-use",
      interest: "class",
      now,
    });
    const [key] = await tx.sql<
      { key: string }[]
    >`select record_key as key from attendance_event where person_id = ${ada}`;
    await requestAmendment(tx, {
      personId: ada,
      actorId: parent,
      recordTable: "attendance_event",
      recordKey: key!.key,
      contested: "she was there",
      request: "take it out",
      now,
    });
    await tx.sql`insert into pseudonym (tenant_id, purpose, person_id, code) values (${tenantId}, 'early-warning', ${ada}, 'adacode')`;
    await tx.sql`insert into risk_score (tenant_id, run_id, pseudonym, partition, reasons) values (${tenantId}, 'r', 'adacode', 0, '[]')`;
  });
  const others = await found(other.tenantId, [other.ada, "1001", "Ada", "1002"]);
  const before = await found(tenantId, [here.ben, "1002", "Ben"]);
  expect(Object.keys(await found(tenantId, [ada, "1001", "Ada", "adacode"]))).toEqual(
    expect.arrayContaining(["person", "risk_score", "import_refusal", "consent_decision", "disclosure", "annotation"]),
  );
  const certificate = await within((tx) =>
    erasePerson(tx, { personId: ada, cause: "the family asked", decidedBy: "registrar", now }),
  );
  expect(certificate).toMatchObject({ cause: "the family asked", decidedBy: "registrar", erasedAt: now.toISOString() });
  expect(certificate.rows).toMatchObject({
    person: 1,
    demographics: 1,
    attendance_event: 1,
    item_response: 1,
    result: 3,
    standard_result: 1,
    support: 1,
    guardianship: 1,
    consent_decision: 1,
    amendment_case: 1,
    annotation: 1,
    pseudonym: 1,
    risk_score: 1,
    import_refusal: 1,
  });
  expect(certificate.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await within(certificates)).toEqual([certificate]);
  expect(await found(tenantId, [ada, "1001", "Ada", "adacode"])).toEqual({});
  // Of her classmate and of the other district nothing is missing.
  expect(await found(tenantId, [here.ben, "1002", "Ben"])).toEqual(before);
  expect(await found(other.tenantId, [other.ada, "1001", "Ada", "1002"])).toEqual(others);
  await expect(
    within((tx) => erasePerson(tx, { personId: ada, cause: "again", decidedBy: "registrar", now })),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("statements that act upon an erased learner, or wait under her name, go too; a classmate's and a shared address stay", async () => {
  const { tenantId, ada, ben, within } = await familyDistrict(database());
  const said = (actor: object, object: object): JsonObject => ({
    id: randomUUID(),
    actor,
    verb: { id: "http://example.org/verbs/praised" },
    object,
  });
  const account = (name: string) => ({ account: { homePage: "http://app.example", name } });
  const address = { objectType: "Agent", mbox: "mailto:Ada@school.example" };
  const sum = createHash("sha1").update("mailto:ada@school.example").digest("hex");
  const game = { id: "http://app.example/game" };
  const mailboxes = [
    [ada, "ada@school.example"],
    [ada, "home@mail.example"],
    [ben, "Home@mail.example"],
  ] as const;
  await within(async ({ sql }) => {
    for (const [person_id, email] of mailboxes) {
      const key = {
        record_key: `mail:${person_id}/${email}`,
        source_record_id: email,
        content_hash: email,
        batch_id: "b",
      };
      const standing = {
        tenant_id: tenantId,
        class: "certified",
        authority: "mail",
        known_on: "2026-06-30",
        received_at: now.toISOString(),
      };
      await sql`insert into person ${sql({ ...key, ...standing, person_id, email })}`;
    }
  });
  const hers = [
    said(account("1002"), address),
    said(account("1002"), { objectType: "Agent", mbox_sha1sum: sum }),
    said({ ...account("nobody-9"), name: "ada quillfeather" }, game),
  ];
  const others = [
    said(account("1002"), game),
    said(account("1002"), { objectType: "Agent", mbox: "mailto:not-ada@school.example" }),
    said({ mbox: "mailto:home@mail.example" }, game),
    said({ ...account("nobody-8"), name: "Ada Other" }, game),
  ];
  const authority = { account: { homePage: "http://app.example", name: "key" } };
  const statements = [...hers, ...others];
  await storeStatements(database(), { tenantId, statements, version: "2.0.0", receivedAt: now, authority });
  const certificate = await within((tx) =>
    erasePerson(tx, { personId: ada, cause: "the family asked", decidedBy: "registrar", now }),
  );
  expect(certificate.rows.statement).toBe(hers.length);
  const left = await query<{ id: string }>(database(), tenantId, "select statement_id as id from statement");
  expect(left.map(({ id }) => id).sort()).toEqual(others.map(({ id }) => String(id)).sort());
});

test("an erased learner whom a source still holds comes back as a new person, tied to nothing that was erased", async () => {
  const { tenantId, ada, within } = await familyDistrict(database());
  await within((tx) => erasePerson(tx, { personId: ada, cause: "the family asked", decidedBy: "registrar", now }));
  const { importOneRoster } = await import("../../../src/records/import/oneroster/import.ts");
  const { roster, unpacked } = await import("../import/deliveries.ts");
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt: now });
  const people = await query<{ id: string }>(
    database(),
    tenantId,
    "select person_id as id from person where given_name = 'Ada'",
  );
  expect(people).toHaveLength(1);
  expect(people[0]!.id).not.toBe(ada);
});

test("while a request to inspect is open nothing of the learner, nor of who is linked to her, can be destroyed", async () => {
  const { ada, ben, parent, within } = await familyDistrict(database());
  await within((tx) =>
    linkPersons(tx, { personId: ben, sameAs: ada, reason: "same child", decidedBy: "registrar", now }),
  );
  const caseId = await within((tx) => requestAccess(tx, { personId: ada, actorId: parent, answerDays: 45, now }));
  const erase = () => within((tx) => erasePerson(tx, { personId: ben, cause: "rule", decidedBy: "registrar", now }));
  await expect(erase()).rejects.toMatchObject({ code: "CONFLICT" });
  // The function itself refuses too, whoever calls it.
  await expect(within(({ sql }) => sql`select cairn_erase_person(${[ada]}, 'x', 'c', 'd', now())`)).rejects.toThrow(
    /request to inspect/,
  );
  await within(async (tx) => {
    await setRetentionRule(
      tx,
      { recordTable: "attendance_event", keepDays: 1, after: "known", basis: "policy", decidedBy: "board" },
      now,
    );
    expect(await applyRetention(tx, now)).toEqual({ attendance_event: 0 });
  });
  await within((tx) => answerAccess(tx, { caseId, text: "seen at the office", by: "registrar", now }));
  expect((await erase()).rows.person).toBe(2);
});

test("retention erases what its rule says, once, with a certificate, and nothing without a rule", async () => {
  const { tenantId, within } = await familyDistrict(database());
  await within(async (tx) => {
    expect(await applyRetention(tx, now)).toEqual({});
    const rule = { after: "known", basis: "board policy 7", decidedBy: "board" } as const;
    await setRetentionRule(tx, { ...rule, recordTable: "item_response", keepDays: 100_000 }, now);
    await setRetentionRule(tx, { ...rule, recordTable: "attendance_event", keepDays: 365 }, now);
    expect(await applyRetention(tx, now)).toEqual({ attendance_event: 2, item_response: 0 });
    expect(await applyRetention(tx, now)).toEqual({ attendance_event: 0, item_response: 0 });
    const [certificate] = await certificates(tx);
    expect(certificate).toMatchObject({ rows: { attendance_event: 2 }, decidedBy: "board" });
    // The newest rule counts, and null keeps for ever.
    await setRetentionRule(tx, { ...rule, recordTable: "result", keepDays: 0 }, now);
    await setRetentionRule(tx, { ...rule, recordTable: "result", keepDays: null }, now);
    expect((await applyRetention(tx, now)).result).toBe(0);
    // Ben left on 2025-03-03; Ada is still there until 2026-06-05.
    await setRetentionRule(tx, { ...rule, recordTable: "result", keepDays: 365, after: "left" }, now);
    expect((await applyRetention(tx, now)).result).toBe(1);
    await expect(setRetentionRule(tx, { ...rule, recordTable: "org", keepDays: 1 }, now)).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });
  const left = await query<{ count: number }>(database(), tenantId, "select count(*)::int as count from result");
  expect(left[0]!.count).toBe(3);
});
