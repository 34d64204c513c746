import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tableClasses } from "../../../src/records/consent/data-classes.ts";
import { certifies } from "../../../src/records/credentials/answers.ts";
import { awardBadge } from "../../../src/records/credentials/award.ts";
import { openSigningKeys } from "../../../src/records/credentials/signing-keys.ts";
import { statusLists } from "../../../src/records/credentials/status-list.ts";
import { verifyCredential } from "../../../src/records/credentials/verify.ts";
import { inTenant } from "../../../src/records/database.ts";
import { disclosuresOf } from "../../../src/records/disclosure/log.ts";
import { tableCsv } from "../../../src/records/export/backpack/csv.ts";
import type { Backpack, BackpackAudience } from "../../../src/records/export/backpack/export.ts";
import { makeBackpack, writeBackpack } from "../../../src/records/export/backpack/export.ts";
import { columnsOf, schemaTables } from "../../../src/records/export/backpack/names.ts";
import { backpackTables, catalogs, leftOut } from "../../../src/records/export/backpack/tables.ts";
import { linkPersons } from "../../../src/records/identity/links.ts";
import { openArchive } from "../../../src/records/import/oneroster/archive.ts";
import { useDatabase } from "../../support/database.ts";
import "../../support/services.ts";
import { writeRows } from "./any-record.ts";

const database = useDatabase();
const now = new Date("2026-06-10T08:00:00Z");
const hostile = `</td><script>alert("x")</script><img src=x onerror=alert(1)>`;

const row = (key: string, rest: object = {}) => ({
  record_key: `sis:${key}`,
  content_hash: key,
  class: "certified",
  authority: "north",
  source_record_id: key,
  known_on: "2025-01-01",
  received_at: "2025-01-01T00:00:00Z",
  ...rest,
});

let folder = "";
let keysFolder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-export-"));
  keysFolder = join(folder, "keys");
  await writeRows(database(), "north", "ada", {
    person: [row("u1", { given_name: "Ada", family_name: hostile })],
    identifier: [row("i1", { system: "district", value: "1001" })],
    result: [
      row("q1", { assignment_key: "sis:l1", score: 40, scored_on: "2025-01-02", comment: "=cmd|' /C calc'!A0" }),
    ],
    standard_result: [row("o1", { result_key: "sis:q1", standard: "7.NS.A.1", score: 0.8 })],
    course_grade: [row("g1", { section_key: "sis:k1", kind: "final", letter: "B+", on_date: "2025-06-06" })],
    narrative: [
      row("n1", { class: "contributed", narrative: "n1", kind: "asset", text: hostile, on_date: "2025-02-01" }),
    ],
    behavior_incident: [
      row("b1", { incident: "i", on_date: "2025-03-03", severity: "minor", participation: "perpetrator" }),
    ],
    annotation: [
      row("a1", {
        class: "contributed",
        record_table: "behavior_incident",
        subject_key: "sis:b1",
        kind: "dispute",
        text: "It was not me",
        by: "the family",
        on_date: "2025-03-05",
      }),
    ],
    consent_decision: [row("c1", { purpose: "playlist", decision: "deny", decided_on: "2025-01-01" })],
  });
  await writeRows(database(), "north", "ben", {
    person: [row("u2", { given_name: "Benjamin", family_name: "Ostrowski" })],
    result: [row("q2", { assignment_key: "sis:l1", score: 10, comment: "Benjamin's own" })],
    narrative: [
      row("n2", {
        class: "contributed",
        narrative: "n2",
        kind: "asset",
        text: "about Benjamin",
        on_date: "2025-02-01",
      }),
    ],
  });
  await writeRows(database(), "north", "nobody", {
    assignment: [row("l1", { title: "Homework 1", kind: "assignment", section_key: "sis:k1", term_key: "sis:t1" })],
    section: [row("k1", { title: "Math 7-1", course_key: "sis:c1", org_key: "sis:s1", term_keys: ["sis:t1"] })],
    course: [row("c1", { title: "Mathematics 7" })],
    term: [row("t1", { title: "Fall", parent_key: "sis:y1" }), row("y1", { title: "2024-25" })],
    org: [
      row("s1", { name: "Hill School", parent_key: "sis:d1" }),
      row("d1", { name: "Valley" }),
      row("s9", { name: "Another School" }),
    ],
    standard: [row("st1", { standard: "7.NS.A.1", label: "Add and subtract rational numbers" })],
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const backpack = (audience: BackpackAudience = "family", personId = "ada"): Promise<Backpack> =>
  makeBackpack(database(), {
    tenantId: "north",
    personId,
    keysFolder,
    now,
    audience,
    requester: "clerk",
    party: "the family",
  });
const recordOf = ({ files }: Backpack) => JSON.parse(files.get("backpack.json")!);

test("every table about a person is in the Backpack, or it is said why not", () => {
  const about = schemaTables.filter((table) => columnsOf(table).includes("person_id"));
  const held = new Set(backpackTables.map(({ name }) => name));
  expect(about.filter((table) => !held.has(table) && leftOut[table] === undefined)).toEqual([]);
  expect(Object.keys(tableClasses).filter((table) => !held.has(table) && leftOut[table] === undefined)).toEqual([]);
  expect([...held].filter((table) => !schemaTables.includes(table))).toEqual([]);
  expect(new Set(backpackTables.map(({ name }) => name)).size).toBe(backpackTables.length);
});

test("what a table is reached by is a column that exists, of a table that comes before it", () => {
  const before = new Set<string>();
  for (const { name, rows } of backpackTables) {
    before.add(name);
    const sources = rows.by === "named" ? rows.in : rows.by === "naming" ? [[rows.table, "record_key"] as const] : [];
    for (const [table, column] of sources) {
      expect([name, table, before.has(table), columnsOf(table).includes(column)]).toEqual([name, table, true, true]);
    }
    expect(columnsOf(name)).toContain(rows.by === "person" ? "person_id" : rows.column);
  }
  // A key of a table that travels leads to a row that travels with it.
  const held = new Set(
    backpackTables.flatMap(({ name, rows }) =>
      rows.by === "named"
        ? rows.in.map(([t, c]) => `${t}.${c}`)
        : rows.by === "naming"
          ? [`${name}.${rows.column}`]
          : [],
    ),
  );
  const keys = backpackTables.flatMap(({ name, stays }) =>
    stays === undefined
      ? columnsOf(name)
          .filter((c) => /_keys?$/.test(c) && c !== "record_key")
          .map((c) => `${name}.${c}`)
      : [],
  );
  const elsewhere = ["sub_result.result_key", "annotation.subject_key", "score_scale_use.result_key"]; // of a table reached by person, or of any
  expect(keys.filter((key) => !held.has(key) && !elsewhere.includes(key))).toEqual([]);
  for (const [table, column] of Object.entries(catalogs)) expect(columnsOf(table)).toContain(column);
});

test("the signed part holds certified rows alone, with the disputes beside them, and verifies", async () => {
  const made = await backpack("district");
  const document = recordOf(made);
  const verification = await verifyCredential(document, { now });
  expect(certifies(verification)).toBe(true);
  const { tables, batches } = document.credentialSubject.learnerRecord;
  const rows = Object.entries<Record<string, unknown>[]>(tables);
  expect(
    rows.filter(([name]) => name !== "annotation").flatMap(([, list]) => list.map((one) => one.class)),
  ).not.toContain("contributed");
  expect(tables.annotation).toMatchObject([{ kind: "dispute", text: "It was not me", class: "contributed" }]);
  expect(tables.behavior_incident[0].record_key).toBe(tables.annotation[0].subject_key);
  expect(batches).toEqual({}); // these rows came in no batch
  expect(rows.map(([name]) => name).sort()).toEqual([
    "annotation",
    "assignment",
    "behavior_incident",
    "course",
    "course_grade",
    "identifier",
    "org",
    "person",
    "result",
    "section",
    "standard",
    "standard_result",
    "term",
  ]);
  expect(tables.org.map((one: { name: string }) => one.name).sort()).toEqual(["Hill School", "Valley"]);
  const credentials = document.credentialSubject.verifiableCredential;
  expect(credentials.map((one: { name: string }) => one.name)).toEqual([
    "Learner of North district",
    "Mathematics 7",
    "Add and subtract rational numbers",
  ]);
  expect(credentials[2].credentialSubject).toMatchObject({
    achievement: { achievementType: "Assessment", alignment: [{ targetType: "CFItem", targetCode: "7.NS.A.1" }] },
    result: [{ value: "80" }],
  });
});

test("nothing of another learner is in it, nor a code that stands for this one", async () => {
  await inTenant(
    database(),
    "north",
    ({ sql }) =>
      sql`insert into pseudonym (tenant_id, purpose, person_id, code) values ('north', 'playlist', 'ada', 'CODE-77')`,
  );
  for (const content of (await backpack()).files.values())
    expect(content).not.toMatch(/Benjamin|Ostrowski|sis:q2|CODE-77/);
});

test("the page is whole, escapes what people wrote, and needs nothing from elsewhere", async () => {
  const page = (await backpack()).files.get("backpack.html")!;
  expect(page).toContain("carries no signature");
  expect(page).not.toMatch(/<(script|img|link|iframe)\b|<[^>]*\b(src|onerror|style)=|https?:\/\//);
  expect(page).toContain("&lt;script&gt;");
  expect(page).toMatch(/<html lang="en">/);
  expect(page).toContain("Homework 1");
  expect(page).toContain("certified by the school (north)");
  expect(page).toContain("contributed (north)");
  const incidents = page.slice(page.indexOf('id="behavior_incident"'));
  expect(incidents.slice(0, incidents.indexOf("</section>"))).toContain(
    "<strong>dispute</strong> by the family: It was not me",
  );
  expect(page.match(/<h1>/g)).toHaveLength(1);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  expect(page.match(/<th /g)!.length).toBe(page.match(/scope="col"/g)!.length);
});

test("the family's zip holds everything as JSON and CSV, labelled, and what stays here is said", async () => {
  const made = await backpack();
  const path = join(folder, "family.zip");
  await writeBackpack(made, path);
  if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
  const archive = await openArchive(path, { expected: "a zip", accepts: () => true });
  const files = new Map<string, string>();
  for (const file of archive.files) files.set(file.name, (await buffer(await file.open())).toString("utf8"));
  archive.close();
  expect(files).toEqual(made.files);
  const { tables } = JSON.parse(files.get("data/record.json")!);
  for (const [table, rows] of Object.entries<object[]>(tables)) {
    const cells = parse(files.get(`data/${table}.csv`)!, { columns: true, bom: true }) as object[];
    expect([table, cells.length]).toEqual([table, rows.length]);
    const [counted] = await inTenant(database(), "north", ({ sql }) =>
      sql.unsafe(
        columnsOf(table).includes("person_id")
          ? `select count(*)::int as n from "${table}" where person_id = 'ada'`
          : "select null as n",
      ),
    );
    // The line of this disclosure itself comes after it.
    if (counted!.n !== null && table !== "disclosure") expect([table, rows.length]).toEqual([table, counted!.n]);
  }
  expect(Object.keys(tables)).toContain("consent_decision");
  expect(files.get("README.txt")).toContain("consent was given to this district and ends with it");
  const district = await backpack("district");
  expect([...district.files.keys()]).toEqual(["README.txt", "backpack.json", "profile.json", "backpack.html"]);
  expect(district.files.get("backpack.html")).not.toContain("What the family decided");
});

test("no text in a CSV is a formula, and nothing is lost by guarding it", () => {
  const dangerous = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "|calc", "%0A=1"];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...dangerous), fc.string({ unit: "grapheme" })), { maxLength: 5 }),
      (texts) => {
        const rows = texts.map((text, i) => ({ text, narrative: `n${i}`, score: -1 }));
        const cells = parse(tableCsv("narrative", rows), { columns: true, bom: true, relax_column_count: false }) as {
          text: string;
        }[];
        cells.forEach(({ text }, i) => {
          expect(text).not.toMatch(/^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/);
          expect([texts[i], `'${texts[i]}`]).toContain(text);
        });
      },
    ),
  );
  expect(tableCsv("result", [{ score: -0.5 }])).toContain("-0.5");
  expect(tableCsv("result", [{ score: -0.5 }])).not.toContain("'-0.5");
});

test("every copy has its line in the record of disclosures, and nobody unknown gets one", async () => {
  const made = await backpack("district");
  const lines = await inTenant(database(), "north", (tx) => disclosuresOf(tx, "ada"));
  expect(lines.at(-1)).toMatchObject({
    outcome: "disclosed",
    requester: "clerk",
    legalBasis: "transfer",
    reference: recordOf(made).id,
    dataClasses: expect.arrayContaining(["behavior", "grades", "identity", "narratives"]),
  });
  await expect(backpack("family", "stranger")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(
    makeBackpack(database(), {
      tenantId: "south",
      personId: "ada",
      keysFolder,
      now,
      audience: "family",
      requester: "x",
      party: "y",
    }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a badge that is awarded is in the record and in the Backpack, once, as it was signed", async () => {
  const issuer = { name: "North district", keys: await openSigningKeys(keysFolder, "north", now) };
  const badge = {
    key: "fractions",
    achievementType: "Badge",
    title: "Comparing fractions",
    description: "Compares fractions",
    criteria: "Four of five",
    awardedOn: "2026-06-01",
    standards: [{ standard: "4.NF.A.2", label: null }],
  } as const;
  const award = () => inTenant(database(), "north", (tx) => awardBadge(tx, { issuer, personId: "ben", badge, now }));
  const [first, second] = [await award(), await award()];
  expect(second).toEqual(first);
  const document = recordOf(await backpack("district", "ben"));
  expect(document.credentialSubject.verifiableCredential).toContainEqual(first);
  expect(document.credentialSubject.learnerRecord.tables.credential).toMatchObject([
    { title: "Comparing fractions", class: "certified", standards: ["4.NF.A.2"] },
  ]);
  const lists = await inTenant(database(), "north", (tx) => statusLists(tx, issuer, now));
  expect(certifies(await verifyCredential(document, { now, statusLists: lists }))).toBe(true);
});

test("the rows of linked persons are one learner's record", async () => {
  await writeRows(database(), "north", "ada-2", {
    person: [row("u7", { given_name: "Ada" })],
    goal: [row("go1", { goal: "g", title: "Swim", set_on: "2025-01-01", class: "contributed" })],
  });
  await inTenant(database(), "north", (tx) =>
    linkPersons(tx, {
      personId: "ada",
      sameAs: "ada-2",
      reason: "same birth certificate",
      decidedBy: "registrar",
      now,
    }),
  );
  const { files } = await backpack("district");
  expect(JSON.parse(files.get("profile.json")!).tables.goal).toMatchObject([{ title: "Swim" }]);
  expect(recordOf({ files } as Backpack).credentialSubject.learnerRecord.tables.person).toHaveLength(2);
});
