import { describe, expect, test } from "vitest";
import { capacityOf, learnersOf } from "../../../src/records/consent/acting.ts";
import { decisionHistory, recordDecision, withdrawDecision } from "../../../src/records/consent/grants.ts";
import type { Receipt } from "../../../src/records/consent/receipt.ts";
import { receiptFor, receiptHtml, receiptLines } from "../../../src/records/consent/receipt.ts";
import { consentTextOf, keepConsentText } from "../../../src/records/consent/texts.ts";
import { addAgreement, listAgreements, proveDestruction } from "../../../src/records/disclosure/agreements.ts";
import { disclosuresOf } from "../../../src/records/disclosure/log.ts";
import type { RecordDocument, RecordRequest } from "../../../src/records/disclosure/read-record.ts";
import { previewRecord, readRecord } from "../../../src/records/disclosure/read-record.ts";
import { linkPersons, unlinkPersons } from "../../../src/records/identity/links.ts";
import { requestAmendment, stepAmendment } from "../../../src/records/rights/amendment.ts";
import { optOutOfDirectory } from "../../../src/records/rights/directory.ts";
import { useDatabase } from "../../support/database.ts";
import type { FamilyDistrict } from "../family.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

const later = new Date(now.getTime() + 60_000);
const birthday = new Date("2030-03-02T12:00:00Z"); // Ada is 18 since the day before

const asked = (here: FamilyDistrict, changes: Partial<RecordRequest> = {}): RecordRequest => ({
  personId: here.ada,
  requester: "tutor-7",
  party: "Tutor Inc",
  purpose: "sharing",
  interest: "tutoring in mathematics",
  now,
  ...changes,
});

const read = async (here: FamilyDistrict, changes: Partial<RecordRequest> = {}) => {
  const reading = await here.within((tx) => readRecord(tx, asked(here, changes)));
  return { ...reading, document: JSON.parse(reading.text) as RecordDocument };
};

const permit = (here: FamilyDistrict, changes: Partial<Parameters<typeof recordDecision>[1]> = {}) =>
  here.within((tx) =>
    recordDecision(tx, {
      personId: here.ada,
      purpose: "sharing",
      decision: "permit",
      dataClasses: ["practice", "grades"],
      party: "Tutor Inc",
      expiresOn: null,
      actorId: here.parent,
      authentication: "code by mail",
      recordedBy: "key family",
      now,
      ...changes,
    }),
  );

describe("consent", () => {
  test("CON-1: given, then revoked: the next read is refused, and the log shows both", async () => {
    const here = await familyDistrict(database());
    const key = await permit(here);
    const given = await read(here, { now: later });
    expect(given.outcome).toBe("disclosed");
    expect(Object.keys(given.document.records).sort()).toEqual(["item_response", "result", "standard_result"]);
    expect(given.document.notice).toContain("99.33");
    await here.within((tx) =>
      withdrawDecision(tx, { key, actorId: here.parent, recordedBy: "key family", now: later }),
    );
    const refused = await read(here, { now: later });
    expect(refused.outcome).toBe("refused");
    expect(refused.document.records).toEqual({});
    const lines = await here.within((tx) => disclosuresOf(tx, here.ada));
    expect(lines.filter(({ dataClasses }) => dataClasses.includes("practice")).map(({ outcome }) => outcome)).toEqual([
      "disclosed",
      "refused",
    ]);
    expect(lines.find(({ outcome }) => outcome === "disclosed")).toMatchObject({
      consentKey: key,
      legalBasis: "consent",
      interest: "tutoring in mathematics",
    });
    expect((await here.within((tx) => decisionHistory(tx, here.ada))).map(({ decision }) => decision)).toEqual([
      "permit",
      "withdrawn",
    ]);
  });

  test("CON-2: an edited text is a new version; the answer stays tied to the words that were shown", async () => {
    const here = await familyDistrict(database());
    const text = { textId: "sharing", language: "es", now };
    const first = await here.within((tx) => keepConsentText(tx, { ...text, body: "Comparto <todo> con el tutor." }));
    const key = await permit(here, { text: { textId: "sharing", version: 1, language: "es" } });
    const second = await here.within((tx) => keepConsentText(tx, { ...text, body: "Otro texto." }));
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(await here.within((tx) => keepConsentText(tx, { ...text, body: "Otro texto." }))).toEqual(second);
    expect(await here.within((tx) => consentTextOf(tx, { textId: "sharing", version: 1, language: "es" }))).toEqual(
      first,
    );
    await expect(here.within(({ sql }) => sql`update consent_text set body = 'x'`)).rejects.toThrow(
      /permission denied/,
    );
    const controller = { name: "North district", contact: "office@example.org", policyUrl: null };
    const signed = await here.within((tx) => receiptFor(tx, { personId: here.ada, key }, controller));
    const receipt = JSON.parse(signed.receipt) as Receipt;
    expect(receipt).toMatchObject({ version: "KI-CR-v1.1.0", textShown: first.body, language: "es", publicKey: null });
    expect(receipt.services[0]!.purposes[0]).toMatchObject({ thirdPartyDisclosure: true, thirdPartyName: "Tutor Inc" });
    expect(receiptLines(receipt).join("\n")).toContain("Usted dijo que sí.");
    expect(receiptHtml(receipt)).toContain("&lt;todo&gt;");
    expect(receiptHtml(receipt)).not.toContain("<todo>");
    await expect(permit(here, { text: { textId: "sharing", version: 9, language: "es" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("CON-3, CON-4: what is no consent under 99.30 is refused at entry", async () => {
    const here = await familyDistrict(database());
    for (const fault of [
      { authentication: " " },
      { party: null },
      { party: "" },
      { purpose: "" },
      { purpose: "marketing" },
      { dataClasses: [] },
      { dataClasses: ["internal"] },
      { expiresOn: "2020-01-01" },
    ]) {
      await expect(permit(here, fault), JSON.stringify(fault)).rejects.toMatchObject({ code: "BAD_INPUT" });
    }
    await expect(permit(here, { purpose: "school-use" })).rejects.toMatchObject({ code: "CONFLICT" });
    for (const actorId of [here.teacher, here.ada, "nobody"]) {
      await expect(permit(here, { actorId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
  });

  test("CON-5: sharing with tutors off, the teacher's read continues, labelled as the school's own", async () => {
    const here = await familyDistrict(database());
    await permit(here, { decision: "deny", party: "tutors", dataClasses: null });
    expect((await read(here, { partyClasses: ["tutors"] })).outcome).toBe("refused");
    const teacher = await read(here, {
      requester: "teacher-1",
      party: "Hill School",
      purpose: "school-use",
      dataClasses: ["attendance"],
    });
    expect(teacher.outcome).toBe("disclosed");
    expect(teacher.document).toMatchObject({
      label: "the school's own use",
      legalBases: [expect.stringContaining("99.31(a)(1)")],
      notice: null,
    });
    expect(teacher.document.records.attendance_event).toHaveLength(1);
  });

  test("CON-6: on the 18th birthday the guardian can no longer decide, the learner can, and permits must be confirmed", async () => {
    const here = await familyDistrict(database());
    await permit(here, { expiresOn: "2035-01-01" });
    expect((await read(here, { now: new Date("2030-02-28T12:00:00Z") })).outcome).toBe("disclosed");
    expect((await read(here, { now: birthday })).outcome).toBe("refused");
    await expect(permit(here, { now: birthday })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const who = (actorId: string, on: string) =>
      here.within((tx) => capacityOf(tx, { actorId, personId: here.ada, on }));
    expect(await who(here.parent, "2030-02-28")).toBe("guardian");
    expect(await who(here.parent, "2030-03-01")).toBeUndefined();
    expect(await who(here.ada, "2030-02-28")).toBeUndefined();
    expect(await who(here.ada, "2030-03-01")).toBe("eligible-student");
    expect(await here.within((tx) => learnersOf(tx, { actorId: here.parent, on: "2026-07-02" }))).toEqual([here.ada]);
    expect(await here.within((tx) => learnersOf(tx, { actorId: here.parent, on: "2030-03-02" }))).toEqual([]);
    expect(await here.within((tx) => learnersOf(tx, { actorId: here.ada, on: "2030-03-02" }))).toEqual([here.ada]);
    await permit(here, { actorId: here.ada, now: birthday });
    expect((await read(here, { now: birthday })).outcome).toBe("disclosed");
  });

  test("a permit of sharing ends after a year unless the family says when", async () => {
    const here = await familyDistrict(database());
    await permit(here);
    expect((await read(here, { now: new Date("2027-07-02T00:00:00Z") })).outcome).toBe("disclosed");
    expect((await read(here, { now: new Date("2027-07-03T00:00:00Z") })).outcome).toBe("refused");
  });

  test("a guardian without rights, a guardianship that has ended, and another child's guardian decide nothing", async () => {
    const here = await familyDistrict(database());
    const on = "2026-07-02";
    const other = { actorId: here.parent, personId: here.ben, on };
    expect(await here.within((tx) => capacityOf(tx, other))).toBeUndefined();
    for (const change of ["holds_rights, false", "ends_on, '2026-07-01'"]) {
      const [column, value] = change.split(", ") as [string, string];
      await here.within(({ sql }) =>
        sql.unsafe(`insert into guardianship (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id,
            known_on, received_at, person_id, guardian_id, ${column})
          select tenant_id, record_key, 'x', class, authority, batch_id, source_record_id, known_on + 1, received_at, person_id,
            guardian_id, ${value} from guardianship order by version_id limit 1`),
      );
      expect(
        await here.within((tx) => capacityOf(tx, { actorId: here.parent, personId: here.ada, on })),
      ).toBeUndefined();
    }
  });
});

describe("reading", () => {
  test("CON-18: the preview is byte for byte what the reader then gets, and is no disclosure", async () => {
    const here = await familyDistrict(database());
    await permit(here, { dataClasses: null });
    const requests: Partial<RecordRequest>[] = [
      {},
      { party: "Other Inc" },
      { purpose: "school-use", party: "Hill School", dataClasses: ["attendance", "grades"] },
      { purpose: "directory", party: "yearbook" },
      { purpose: "transfer", party: "South district" },
    ];
    for (const changes of requests) {
      const preview = await here.within((tx) => previewRecord(tx, asked(here, changes)));
      const before = await here.within((tx) => disclosuresOf(tx, here.ada));
      const reading = await here.within((tx) => readRecord(tx, asked(here, { ...changes, now: later })));
      expect(Buffer.from(reading.text).equals(Buffer.from(preview.text))).toBe(true);
      expect((await here.within((tx) => disclosuresOf(tx, here.ada))).length).toBeGreaterThan(before.length);
    }
  });

  test("nothing that names the learner is in what a reader gets who may not know the name", async () => {
    const here = await familyDistrict(database());
    await permit(here, { dataClasses: ["grades", "practice", "attendance", "achievements"] });
    await here.within(({ sql }) =>
      sql.unsafe(
        `insert into statement (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at,
           statement_id, person_id, verb, stored_at, document)
         values ('${here.tenantId}', 'x:1', 'h', 'contributed', 'x', 'b', '1', '2025-01-01', now(), '1', '${here.ada}', 'v', now(),
           '{"actor": {"name": "Ada Quillfeather"}}')`,
      ),
    );
    const { text, document } = await read(here);
    const results = new Set(document.records.result!.map((row) => row.record_key));
    expect(document.records.standard_result!.every((row) => results.has(row.result_key))).toBe(true);
    expect(text).not.toMatch(/Quillfeather|"Ada"|1001/);
    expect(text).toContain('"statement_id"');
    expect((await read(here, { purpose: "school-use", party: "Hill School" })).text).toContain("Ada Quillfeather");
  });

  test("CON-13: special education read by a consented third party is logged with name, date and purpose", async () => {
    const here = await familyDistrict(database());
    await permit(here, { dataClasses: ["supports"] });
    await read(here);
    const lines = await here.within((tx) => disclosuresOf(tx, here.ada));
    expect(lines.filter(({ specialEducation }) => specialEducation)).toEqual([
      expect.objectContaining({
        party: "Tutor Inc",
        requester: "tutor-7",
        interest: "tutoring in mathematics",
        at: now.toISOString(),
        dataClasses: ["supports"],
      }),
    ]);
  });

  test("CON-10: the record of disclosures is complete: refused requests and onward parties are in it", async () => {
    const here = await familyDistrict(database());
    await permit(here);
    await read(here, { onwardParties: ["Tutor Inc's printer"] });
    await read(here, { party: "Nosy Inc" });
    const lines = await here.within((tx) => disclosuresOf(tx, here.ada));
    expect(lines.map(({ party, outcome, onwardParties }) => [party, outcome, onwardParties])).toEqual(
      expect.arrayContaining([
        ["Tutor Inc", "disclosed", ["Tutor Inc's printer"]],
        ["Nosy Inc", "refused", null],
      ]),
    );
    expect(await here.within((tx) => disclosuresOf(tx, here.ben))).toEqual([]);
    await expect(here.within(({ sql }) => sql`update disclosure set party = 'x'`)).rejects.toThrow(/permission denied/);
  });

  test("CON-11: a statement of disagreement goes with the contested mark, to whomever it goes", async () => {
    const here = await familyDistrict(database());
    const mark = "sis:q4";
    const how = { by: "registrar", now };
    const caseId = await here.within((tx) =>
      requestAmendment(tx, {
        personId: here.ada,
        actorId: here.parent,
        recordTable: "result",
        recordKey: mark,
        contested: "the final mark is another pupil's",
        request: "put hers in",
        now,
      }),
    );
    const step = (name: Parameters<typeof stepAmendment>[1]["step"], text: string) =>
      here.within((tx) => stepAmendment(tx, { caseId, step: name, text, ...how }));
    await expect(step("statement", "too early")).rejects.toMatchObject({ code: "CONFLICT" });
    await step("refused", "the teacher looked it up");
    await step("hearing set", "Monday at 9, room 4");
    await step("refusal stands", "heard on Monday");
    await step("statement", "We still say that it is not hers.");
    const { document } = await read(here, { purpose: "transfer", party: "South district" });
    const rows = document.records.result!;
    expect(rows.find((row) => row.record_key === mark)?.annotations).toEqual([
      { kind: "dispute", text: "the final mark is another pupil's", onDate: "2026-07-02" },
      { kind: "statement", text: "We still say that it is not hers.", onDate: "2026-07-02" },
    ]);
    expect(rows.filter((row) => row.annotations !== undefined)).toHaveLength(1);
    // The record itself is as it was.
    expect(rows.find((row) => row.record_key === mark)).toMatchObject({ score: 88, class: "certified" });
    // Who does not see the mark does not see the words.
    expect((await read(here, { purpose: "school-use", dataClasses: ["attendance"] })).text).not.toContain("not hers");
  });

  test("directory information ends where the family opts out, for that school year", async () => {
    const here = await familyDistrict(database());
    const yearbook = { purpose: "directory", party: "yearbook" } as const;
    const seen = await read(here, yearbook);
    expect(Object.keys(seen.document.records).sort()).toEqual([
      "enrolment",
      "identifier",
      "person",
      "person_role",
      "section_enrolment",
    ]);
    const optOut = { personId: here.ada, actorId: here.parent, recordedBy: "key", now };
    await here.within((tx) => optOutOfDirectory(tx, { ...optOut, schoolYear: 2027 }));
    await here.within((tx) => optOutOfDirectory(tx, { ...optOut, schoolYear: 2027 }));
    expect((await read(here, yearbook)).outcome).toBe("refused");
    expect((await read(here, { ...yearbook, now: new Date("2027-07-02T00:00:00Z") })).outcome).toBe("disclosed");
  });

  test("nobody of that id, no party and no interest are refused before anything is read", async () => {
    const here = await familyDistrict(database());
    await expect(read(here, { personId: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(read(here, { party: " " })).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(read(here, { interest: "" })).rejects.toMatchObject({ code: "BAD_INPUT" });
  });
});

describe("agreements", () => {
  const agreement = {
    agreementId: "irb-12",
    kind: "study",
    party: "State University",
    purpose: "does tutoring help",
    scope: "grades 6 to 8",
    dataClasses: ["attendance"],
    representatives: ["Dr. Reed"],
    redisclosureTerms: "none",
    beginsOn: "2026-01-01",
    endsOn: "2026-12-31",
    destroyBy: "2027-03-31",
    signedBy: "superintendent",
  } as const;

  test("CON-7 to CON-9: reading under an agreement, by its representatives, until its end; closed only with proof", async () => {
    const here = await familyDistrict(database());
    const study = {
      purpose: "study",
      party: "State University",
      requester: "Dr. Reed",
      agreementId: "irb-12",
    } as const;
    expect((await read(here, study)).outcome).toBe("refused");
    await here.within((tx) => addAgreement(tx, agreement, now));
    const reading = await read(here, study);
    expect(Object.keys(reading.document.records)).toEqual(["attendance_event"]);
    expect(reading.document.agreement).toEqual({
      agreementId: "irb-12",
      endsOn: "2026-12-31",
      destroyBy: "2027-03-31",
    });
    expect((await read(here, { ...study, requester: "somebody else" })).outcome).toBe("refused");
    expect((await read(here, { ...study, now: new Date("2027-01-01T00:00:00Z") })).outcome).toBe("refused");
    const state = async (on: string) => (await here.within((tx) => listAgreements(tx, on)))[0]!.state;
    expect(await state("2025-12-31")).toBe("not begun");
    expect(await state("2026-12-31")).toBe("in force");
    expect(await state("2027-01-01")).toBe("destruction due");
    expect(await state("2027-04-01")).toBe("destruction overdue");
    const prove = (proof: string) =>
      here.within((tx) => proveDestruction(tx, { agreementId: "irb-12", proof, by: "office", now }));
    await expect(prove("")).rejects.toMatchObject({ code: "BAD_INPUT" });
    await prove("letter of 2 April");
    expect(await state("2027-04-01")).toBe("closed");
    await expect(prove("again")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("an agreement without an element that the rule asks for is refused", async () => {
    const here = await familyDistrict(database());
    for (const fault of [
      { scope: "" },
      { representatives: [] },
      { dataClasses: [] },
      { dataClasses: ["everything"] },
      { endsOn: "2025-01-01" },
      { destroyBy: "soon" },
    ]) {
      await expect(here.within((tx) => addAgreement(tx, { ...agreement, ...fault }, now))).rejects.toMatchObject({
        code: "BAD_INPUT",
      });
    }
    await here.within((tx) => addAgreement(tx, agreement, now));
    await expect(here.within((tx) => addAgreement(tx, agreement, now))).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

test("linked, a read sees one learner by either id; unlinked, two, exactly as before", async () => {
  const here = await familyDistrict(database());
  const school = { purpose: "school-use", party: "Hill School" } as const;
  const ada = (await read(here, school)).text;
  const ben = (await read(here, { ...school, personId: here.ben })).text;
  const linkId = await here.within((tx) =>
    linkPersons(tx, { personId: here.ben, sameAs: here.ada, reason: "one child", decidedBy: "registrar", now }),
  );
  const one = await read(here, school);
  expect(one.document.records.attendance_event).toHaveLength(2);
  expect((await read(here, { ...school, personId: here.ben })).text).toBe(one.text);
  await here.within((tx) => unlinkPersons(tx, { linkId, reason: "two", decidedBy: "registrar", now }));
  expect((await read(here, school)).text).toBe(ada);
  expect((await read(here, { ...school, personId: here.ben })).text).toBe(ben);
});
