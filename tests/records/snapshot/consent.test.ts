import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordDecision, withdrawDecision } from "../../../src/records/consent/grants.ts";
import { addAgreement, proveDestruction } from "../../../src/records/disclosure/agreements.ts";
import { disclosuresOf } from "../../../src/records/disclosure/log.ts";
import { erasePerson } from "../../../src/records/erasure/erase.ts";
import { linkPersons, unlinkPersons } from "../../../src/records/identity/links.ts";
import type { SnapshotRecipient } from "../../../src/records/snapshot/consented.ts";
import { destroySnapshot, listSnapshots } from "../../../src/records/snapshot/list.ts";
import { attachSnapshot, openSnapshot } from "../../../src/records/snapshot/open.ts";
import { overtakenSnapshots } from "../../../src/records/snapshot/overtaken.ts";
import { findPseudonym, resolvePseudonyms } from "../../../src/records/snapshot/pseudonyms.ts";
import type { SnapshotPurpose } from "../../../src/records/snapshot/purposes.ts";
import { snapshotClasses } from "../../../src/records/snapshot/purposes.ts";
import { snapshotTables } from "../../../src/records/snapshot/tables.ts";
import type { SnapshotManifest } from "../../../src/records/snapshot/write.ts";
import { writeSnapshot } from "../../../src/records/snapshot/write.ts";
import { useDatabase } from "../../support/database.ts";
import type { FamilyDistrict } from "../family.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-consent-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const asOf = "2025-03-01"; // both children are there
const later = new Date(now.getTime() + 60_000);

const take = (
  { tenantId }: FamilyDistrict,
  purpose: SnapshotPurpose,
  recipient?: SnapshotRecipient,
  moment = now,
): Promise<SnapshotManifest> =>
  writeSnapshot(database(), {
    tenantId,
    purpose,
    asOf,
    folder,
    now: moment,
    ...(recipient === undefined ? {} : { recipient }),
  });

/** How many rows each table of a snapshot has for a learner's pseudonym. */
async function rowsOf(manifest: SnapshotManifest, code: string): Promise<Record<string, number>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await attachSnapshot(connection, await openSnapshot(folder, manifest.id));
    const counts: Record<string, number> = {};
    for (const [name, { columns }] of Object.entries(snapshotTables)) {
      if (!("learner" in columns)) continue;
      const found = await connection.runAndReadAll(`select count(*)::int from ${name} where learner like '${code}@%'`);
      const count = Number(found.value(0, 0));
      if (count > 0) counts[name] = count;
    }
    return counts;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const codeOf = (here: FamilyDistrict, purpose: SnapshotPurpose, number: string): Promise<string> =>
  here.within(async (tx) => (await findPseudonym(tx, purpose, number)) ?? "nobody");

const decision = (here: FamilyDistrict, changes: Partial<Parameters<typeof recordDecision>[1]> = {}) =>
  here.within((tx) =>
    recordDecision(tx, {
      personId: here.ada,
      purpose: "early-warning",
      decision: "deny",
      dataClasses: null,
      party: null,
      expiresOn: null,
      actorId: here.parent,
      authentication: "code by mail",
      recordedBy: "test",
      now,
      ...changes,
    }),
  );

const lab: SnapshotRecipient = { requester: "Dr. Reed", party: "State University", interest: "does tutoring help" };

const agreement = {
  agreementId: "irb-12",
  kind: "study",
  party: "State University",
  purpose: "does tutoring help",
  scope: "grades 6 to 8",
  dataClasses: ["enrolment", "attendance", "grades"],
  representatives: ["Dr. Reed"],
  redisclosureTerms: "none",
  beginsOn: "2026-01-01",
  endsOn: "2026-12-31",
  destroyBy: "2027-03-31",
  signedBy: "superintendent",
} as const;

test("every table of a snapshot that is about learners has the kind of data that a family can keep back", () => {
  const about = Object.entries(snapshotTables).flatMap(([name, { columns }]) =>
    ("learner" in columns || "person" in columns) && name !== "withheld" ? [name] : [],
  );
  expect(about.filter((name) => snapshotClasses[name] === undefined)).toEqual([]);
});

describe("decisions", () => {
  test("a denied kind of data leaves those rows out for that learner only, and the manifest counts it", async () => {
    const here = await familyDistrict(database());
    const whole = await take(here, "early-warning");
    const ada = await codeOf(here, "early-warning", "1001");
    const ben = await codeOf(here, "early-warning", "1002");
    const before = await rowsOf(whole, ada);
    const bens = await rowsOf(whole, ben);
    expect(before).toMatchObject({ attendance: 1, response: 1, result: 2, enrolment: 1 });
    await decision(here, { dataClasses: ["attendance", "practice"] });
    const narrowed = await take(here, "early-warning");
    expect(narrowed.leftOut).toBe(0);
    expect(narrowed.withheld).toEqual({ attendance: 1, practice: 1 });
    const { attendance, response, ...rest } = before;
    const left = await rowsOf(narrowed, ada);
    delete left.withheld;
    expect(left).toEqual(rest);
    expect(await rowsOf(narrowed, ben)).toEqual(bens);
    // The other purpose is another decision.
    expect((await take(here, "playlist")).withheld).toBeUndefined();
  });

  test("a withdrawn decision is out of the next snapshot, which is again the one before, byte for byte", async () => {
    const here = await familyDistrict(database());
    const whole = await take(here, "early-warning");
    const key = await decision(here);
    expect((await take(here, "early-warning")).leftOut).toBe(1);
    await here.within((tx) => withdrawDecision(tx, { key, actorId: here.parent, recordedBy: "test", now: later }));
    expect(await take(here, "early-warning", undefined, later)).toEqual(whole);
  });

  test("the transaction's views and tables are gone when it ends: the connection sees the record as it is", async () => {
    const here = await familyDistrict(database());
    await decision(here, { dataClasses: ["attendance"] });
    await take(here, "early-warning");
    const left = await database()
      .sql`select relname from pg_class where relpersistence = 't' and relkind in ('r', 'v')`;
    expect(left).toEqual([]);
  });
});

describe("studies and sharing", () => {
  test("CON-7: a snapshot for a study with no agreement and no consent is blocked, and the request is on record", async () => {
    const here = await familyDistrict(database());
    await expect(take(here, "study")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(take(here, "study", lab)).rejects.toMatchObject({ code: "FORBIDDEN" });
    const lines = await here.within((tx) => disclosuresOf(tx, here.ada));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ outcome: "refused", requester: "Dr. Reed", party: "State University" });
    expect(await readdir(folder).then((names) => names.filter((name) => name.startsWith("unfinished")))).toEqual([]);
    expect(await here.within(listSnapshots)).toEqual([]);
  });

  test("CON-8, CON-9: with an agreement one line per pupil, its terms attached; when it has ended, nothing more", async () => {
    const here = await familyDistrict(database());
    await here.within((tx) => addAgreement(tx, agreement, now));
    const asked = { ...lab, agreementId: "irb-12" };
    const manifest = await take(here, "study", asked);
    expect(manifest.recipient).toMatchObject({
      party: "State University",
      agreement: { agreementId: "irb-12", endsOn: "2026-12-31", destroyBy: "2027-03-31" },
    });
    expect(manifest.legalBasis).toContain("99.31(a)(6)");
    expect(manifest.withheld).toMatchObject({ practice: 2, behavior: 2 });
    expect(manifest.tables.response!.rows).toBe(0);
    expect(manifest.tables.attendance!.rows).toBe(2);
    for (const personId of [here.ada, here.ben]) {
      const lines = await here.within((tx) => disclosuresOf(tx, personId));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        outcome: "disclosed",
        legalBasis: "study-or-audit",
        agreementId: "irb-12",
        interest: "does tutoring help",
        reference: `snapshot ${manifest.id}`,
        dataClasses: ["enrolment", "attendance", "grades"],
      });
    }
    // Somebody of the party who is no representative, and a day after the end.
    await expect(take(here, "study", { ...asked, requester: "somebody" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(take(here, "study", asked, new Date("2027-01-01T00:00:00Z"))).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const found = await overtakenSnapshots(database(), {
      tenantId: here.tenantId,
      folder,
      now: new Date("2027-01-01T00:00:00Z"),
    });
    expect(found).toEqual([expect.objectContaining({ id: manifest.id, agreementEnded: true, erased: 0 })]);
    await here.within((tx) =>
      proveDestruction(tx, { agreementId: "irb-12", proof: "letter of the party", by: "office", now }),
    );
    await expect(take(here, "study", asked)).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("CON-14: who withdraws from studies is in no later run; the earlier snapshot keeps its hash and its basis", async () => {
    const here = await familyDistrict(database());
    await here.within((tx) => addAgreement(tx, agreement, now));
    const asked = { ...lab, agreementId: "irb-12" };
    const first = await take(here, "study", asked);
    await decision(here, { purpose: "study" });
    const second = await take(here, "study", asked);
    expect(second.leftOut).toBe(1);
    expect(second.tables.enrolment!.rows).toBe(first.tables.enrolment!.rows - 1);
    expect((await openSnapshot(folder, first.id)).manifest).toEqual(first);
  });

  test("sharing gives what the family allowed to whom it named, and nothing of anybody else", async () => {
    const here = await familyDistrict(database());
    await decision(here, {
      purpose: "sharing",
      decision: "permit",
      party: "Tutor Inc",
      dataClasses: ["enrolment", "practice"],
    });
    const tutor = { requester: "tutor-7", party: "Tutor Inc", interest: "tutoring" };
    const manifest = await take(here, "sharing", tutor);
    expect(manifest).toMatchObject({ leftOut: 1, legalBasis: expect.stringContaining("99.30") });
    const rows = await rowsOf(manifest, await codeOf(here, "sharing", "1001"));
    expect(rows).toMatchObject({ enrolment: 1, response: 1 });
    expect(Object.keys(rows)).not.toContain("attendance");
    expect(manifest.tables.enrolment!.rows).toBe(1);
    await expect(take(here, "sharing", { ...tutor, party: "Other Inc" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("one learner with two ids", () => {
  test("linked, the snapshot holds one learner with the evidence of both; unlinked, it is the one before, byte for byte", async () => {
    const here = await familyDistrict(database());
    const apart = await take(here, "early-warning");
    const adas = await rowsOf(apart, await codeOf(here, "early-warning", "1001"));
    const bens = await rowsOf(apart, await codeOf(here, "early-warning", "1002"));
    const linkId = await here.within((tx) =>
      linkPersons(tx, { personId: here.ben, sameAs: here.ada, reason: "one child", decidedBy: "registrar", now }),
    );
    const linked = await take(here, "early-warning");
    const code = await codeOf(here, "early-warning", "1001");
    expect(await codeOf(here, "early-warning", "1002")).toBe(code);
    const both = await rowsOf(linked, code);
    expect(both.attendance).toBe(adas.attendance! + bens.attendance!);
    expect(both.result).toBe(adas.result! + bens.result!);
    const people = await here.within((tx) => resolvePseudonyms(tx, "early-warning", [code]));
    expect([...people.values()]).toEqual([expect.objectContaining({ personId: [here.ada, here.ben].sort()[0] })]);
    await here.within((tx) => unlinkPersons(tx, { linkId, reason: "two after all", decidedBy: "registrar", now }));
    expect(await take(here, "early-warning")).toEqual(apart);
  });

  test("a refusal for one id of a learner holds for all of her", async () => {
    const here = await familyDistrict(database());
    await decision(here);
    await here.within((tx) =>
      linkPersons(tx, { personId: here.ben, sameAs: here.ada, reason: "one child", decidedBy: "registrar", now }),
    );
    expect((await take(here, "early-warning")).tables.enrolment!.rows).toBe(0);
  });
});

describe("what was taken before", () => {
  test("snapshots that an erasure or a withdrawal has overtaken are found, and destroyed with proof", async () => {
    const here = await familyDistrict(database());
    const first = await take(here, "early-warning");
    const playlists = await take(here, "playlist");
    const asked = { tenantId: here.tenantId, folder, now };
    expect(await overtakenSnapshots(database(), asked)).toEqual([]);
    await decision(here, { dataClasses: ["attendance"] });
    expect(await overtakenSnapshots(database(), asked)).toEqual([
      { id: first.id, purpose: "early-warning", asOf, erased: 0, refused: 1, agreementEnded: false },
    ]);
    await here.within((tx) => erasePerson(tx, { personId: here.ben, cause: "asked", decidedBy: "registrar", now }));
    expect((await overtakenSnapshots(database(), asked)).map(({ id, erased }) => [id, erased])).toEqual(
      expect.arrayContaining([
        [first.id, 1],
        [playlists.id, 1],
      ]),
    );
    const how = { ...asked, id: first.id, cause: "overtaken by an erasure", decidedBy: "registrar" };
    const proof = await destroySnapshot(database(), how);
    expect(proof).toMatchObject({ cause: "overtaken by an erasure", rows: { enrolment: 2 } });
    await expect(openSnapshot(folder, first.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(destroySnapshot(database(), how)).rejects.toMatchObject({ code: "CONFLICT" });
    const listed = await here.within(listSnapshots);
    expect(listed.map(({ id, destroyed }) => [id, destroyed?.sha256 ?? null])).toEqual(
      expect.arrayContaining([
        [first.id, proof.sha256],
        [playlists.id, null],
      ]),
    );
    expect((await overtakenSnapshots(database(), asked)).map(({ id }) => id)).toEqual([playlists.id]);
  });
});
