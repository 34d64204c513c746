import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DecisionToRecord } from "../../../src/records/consent/grants.ts";
import { recordDecision } from "../../../src/records/consent/grants.ts";
import { disclosuresOf, logDisclosures } from "../../../src/records/disclosure/log.ts";
import type { Release } from "../../../src/records/disclosure/release.ts";
import { exportEdFi } from "../../../src/records/export/edfi/export.ts";
import { exportOneRoster } from "../../../src/records/export/oneroster/export.ts";
import { openPackage } from "../../../src/records/import/oneroster/package.ts";
import { optOutOfDirectory } from "../../../src/records/rights/directory.ts";
import { useDatabase } from "../../support/database.ts";
import type { FamilyDistrict } from "../family.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp, query, scratchFolder } from "../import/deliveries.ts";
import { toVendor } from "./to-somebody.ts";

const database = useDatabase();
cleanUp();

const toYearbook: Release = { ...toVendor, purpose: "directory", party: "The Yearbook", interest: "portraits" };
const toTutors: Release = { ...toVendor, purpose: "sharing", party: "Evening Tutors", interest: "help with homework" };

async function rosterFor({ tenantId }: FamilyDistrict, release: Release) {
  const path = join(await scratchFolder(), "out.zip");
  const report = await exportOneRoster(database(), { tenantId, path, release });
  const opened = await openPackage(path);
  const files: Record<string, string> = {};
  for (const [name, file] of opened.files) {
    files[name] = "";
    for await (const chunk of (await file.open()).setEncoding("utf8")) files[name] += chunk;
  }
  opened.close();
  return { report, files };
}

const lines = ({ within }: FamilyDistrict, personId: string) => within((tx) => disclosuresOf(tx, personId));
const decide = ({ within, ada, parent }: FamilyDistrict, changes: Partial<DecisionToRecord>) =>
  within((tx) =>
    recordDecision(tx, {
      personId: ada,
      purpose: "sharing",
      decision: "permit",
      dataClasses: null,
      party: "Evening Tutors",
      expiresOn: null,
      actorId: parent,
      authentication: "password and code by mail",
      recordedBy: "parent key",
      now,
      ...changes,
    }),
  );

test("a package leaves with one line for each learner in it, and none for the staff and the guardians", async () => {
  const own = await familyDistrict(database());
  const { report, files } = await rosterFor(own, toVendor);
  expect(report).toMatchObject({ learners: 2, leftOut: 0 });
  for (const [person, dataClasses] of [
    [own.ada, ["demographics", "enrolment", "family", "grades", "identity"]],
    [own.ben, ["enrolment", "identity"]],
  ] as const) {
    const found = await lines(own, person);
    expect(found).toMatchObject([
      {
        outcome: "disclosed",
        party: "Gradebook Inc.",
        requester: "registrar",
        interest: "the district's gradebook",
        legalBasis: "school-official",
        reference: `school-use: OneRoster ${report.sha256}`,
        at: now.toISOString(),
      },
    ]);
    expect(found[0]!.dataClasses).toEqual(expect.arrayContaining([...dataClasses]));
  }
  for (const person of [own.teacher, own.parent]) expect(await lines(own, person)).toEqual([]);
  expect(files["users.csv"]).toContain("Zimmerwald");
});

test.each(["party", "requester", "interest"] as const)("without a %s nothing leaves", async (name) => {
  const { tenantId } = await familyDistrict(database());
  const folder = await scratchFolder();
  const common = { tenantId, release: { ...toVendor, [name]: " " } };
  const refusal = { code: "BAD_INPUT", message: expect.stringContaining(`no ${name}`) };
  await expect(exportOneRoster(database(), { ...common, path: join(folder, "out.zip") })).rejects.toMatchObject(
    refusal,
  );
  await expect(exportEdFi(database(), { ...common, path: folder })).rejects.toMatchObject(refusal);
  expect(await readdir(folder)).toEqual([]);
  expect(await query(database(), tenantId, "select 1 from disclosure")).toEqual([]);
});

test("directory information: names and schools alone, of those whose families have not opted out", async () => {
  const own = await familyDistrict(database());
  await own.within((tx) =>
    optOutOfDirectory(tx, { personId: own.ada, schoolYear: 2027, actorId: own.parent, recordedBy: "parent key", now }),
  );
  const { report, files } = await rosterFor(own, toYearbook);
  expect(report).toMatchObject({ learners: 1, leftOut: 1 });
  expect(files["users.csv"]).toContain("Ostrowski");
  expect(files["users.csv"]).toContain("Zimmerwald");
  expect(JSON.stringify(files)).not.toMatch(/,ada,|Ada|1001|2012-02-29|Maud/);
  expect(Object.keys(files)).not.toContain("results.csv");
  expect(await lines(own, own.ada)).toMatchObject([
    { outcome: "refused", legalBasis: "directory", reason: "the family opted out of directory information" },
  ]);
  const [line, ...others] = await lines(own, own.ben);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ outcome: "disclosed", legalBasis: "directory", dataClasses: ["enrolment", "identity"] });
});

test("consent: only of those whose families said yes, and only the kinds they named; the line names the decision", async () => {
  const own = await familyDistrict(database());
  const consentKey = await decide(own, { dataClasses: ["identity", "enrolment"] });
  const { report, files } = await rosterFor(own, toTutors);
  expect(report).toMatchObject({ learners: 1, leftOut: 1 });
  expect(files["users.csv"]).toContain("Ada");
  expect(JSON.stringify(files)).not.toMatch(/Ostrowski|2012-02-29/);
  expect(Object.keys(files)).not.toContain("results.csv");
  expect(await lines(own, own.ada)).toMatchObject([
    { outcome: "disclosed", legalBasis: "consent", consentKey, dataClasses: ["enrolment", "identity"] },
  ]);
  expect(await lines(own, own.ben)).toMatchObject([{ outcome: "refused", legalBasis: "consent", consentKey: null }]);
});

test("the family's later no holds in the next export", async () => {
  const own = await familyDistrict(database());
  await decide(own, {});
  expect((await rosterFor(own, toTutors)).report.learners).toBe(1);
  await decide(own, { decision: "deny", now: new Date(now.getTime() + 60_000) });
  const { report, files } = await rosterFor(own, { ...toTutors, now: new Date(now.getTime() + 120_000) });
  expect(report).toMatchObject({ learners: 0, leftOut: 2 });
  expect(files["users.csv"]).not.toContain("Ada");
});

test("an audit needs an agreement in force; without it nothing leaves", async () => {
  const { tenantId } = await familyDistrict(database());
  const path = join(await scratchFolder(), "out.zip");
  const release: Release = { ...toVendor, purpose: "audit", agreementId: "none" };
  await expect(exportOneRoster(database(), { tenantId, path, release })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
});

test("bodies of the Ed-Fi API: a line for whom they tell of, and no flag on the word of a family", async () => {
  const own = await familyDistrict(database());
  const flags = [own.ada, own.ben].map((personId) => ({
    personId,
    probability: 0.5,
    modelId: "m",
    asOf: "2026-06-01",
  }));
  const bodies = async (release: Release) => {
    const path = await scratchFolder();
    const report = await exportEdFi(database(), {
      tenantId: own.tenantId,
      path,
      studentIds: "district",
      flags,
      release,
    });
    const told = await readFile(join(path, "studentEducationOrganizationAssociations.jsonl"), "utf8");
    return { report, flags: told.split("\n").filter(Boolean).length };
  };
  expect(await bodies(toVendor)).toMatchObject({ report: { learners: 2, leftOut: 0 }, flags: 2 });
  expect(await lines(own, own.ben)).toMatchObject([
    { outcome: "disclosed", dataClasses: ["enrolment", "grades", "identity"] },
  ]);
  await decide(own, {});
  expect(await bodies(toTutors)).toMatchObject({ report: { learners: 1, leftOut: 1 }, flags: 0 });
});

test("lines of thousands of learners go in at once, each as it is", async () => {
  const { tenantId, within } = await familyDistrict(database());
  const line = (i: number) => ({
    personId: `p${i}`,
    outcome: "disclosed" as const,
    requester: 'the "office", \\N',
    party: "A, B\nand C",
    interest: "ein Grund: Ü",
    legalBasis: "transfer" as const,
    dataClasses: i % 2 === 0 ? [] : ["identity", 'odd,"class"'],
    agreementId: null,
    consentKey: i % 3 === 0 ? null : `k${i}`,
    onwardParties: i % 5 === 0 ? ["x y", "{z}"] : null,
    specialEducation: i % 2 === 0,
    reason: i % 7 === 0 ? "" : null,
    reference: null,
  });
  const many = Array.from({ length: 5_001 }, (_, i) => line(i));
  await within((tx) => logDisclosures(tx, many, now));
  expect(await query(database(), tenantId, "select count(*)::int as lines from disclosure")).toEqual([
    { lines: 5_001 },
  ]);
  for (const i of [0, 1, 2, 7, 35, 5_000]) {
    expect(await within((tx) => disclosuresOf(tx, `p${i}`))).toEqual([{ ...line(i), at: now.toISOString() }]);
  }
});
