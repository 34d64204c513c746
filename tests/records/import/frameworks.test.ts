import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import type { CasePackage } from "../../../src/records/export/case/export.ts";
import { exportCasePackage } from "../../../src/records/export/case/export.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { AcyclicGraph } from "../../../src/records/import/frameworks/acyclic.ts";
import { comparableCode, standardId, uuidOfName } from "../../../src/records/import/frameworks/identity.ts";
import { importFramework } from "../../../src/records/import/frameworks/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, district, query, scratchFolder } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
let tenantId: string;
beforeEach(async () => {
  tenantId = await district(database());
});

const take = (path: string): Promise<ImportReport> => importFramework(database(), { tenantId, path, receivedAt });

async function takeText(content: unknown, name = "framework.json"): Promise<ImportReport> {
  const path = join(await scratchFolder(), name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return take(path);
}

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const changed = { lastChangeDateTime: "2024-05-06T07:08:09+00:00" };
const document = { identifier: id(1), uri: "urn:d", creator: "Valley", title: "Fractions", ...changed };
const item = (n: number, more: object = {}) => ({
  identifier: id(n),
  uri: `urn:i${n}`,
  fullStatement: `Statement ${n}`,
  ...changed,
  ...more,
});
const link = (n: number) => ({ title: `n${n}`, identifier: id(n), uri: `urn:i${n}` });
const tie = (n: number, from: number, associationType: string, to: number) => ({
  identifier: id(n),
  uri: `urn:a${n}`,
  associationType,
  originNodeURI: link(from),
  destinationNodeURI: link(to),
  ...changed,
});
const refusalsOf = (report: ImportReport) =>
  report.refusals.map(({ file, code, column, reason }) => ({ file, code, column, reason }));
const whats = (report: ImportReport) => report.leniencies.map(({ what }) => what);

test("a CASE 1.1 package: every member lands in its column, precedes is a prerequisite, nothing was lenient", async () => {
  const first = item(2, {
    humanCodingScheme: "4.NF.A.1",
    abbreviatedStatement: "Equivalence",
    CFItemType: "Standard",
    educationLevel: ["04"],
    subject: ["Math", "Number"],
    statusEndDate: "2030-06-30",
  });
  const report = await takeText({
    CFDocument: { ...document, version: "2", adoptionStatus: "Adopted", language: "en", publisher: "State" },
    CFItems: [first, item(3, { educationLevel: ["05", "06"] })],
    CFAssociations: [tie(4, 2, "isChildOf", 1), tie(5, 2, "precedes", 3)],
  });
  expect(report.standard).toBe("CASE 1.1");
  expect(report.leniencies).toEqual([]);
  expect(report.refusals).toEqual([]);
  expect(
    await query(
      database(),
      tenantId,
      "select framework, title, publisher, edition, language, adoption_status, known_on from framework",
    ),
  ).toEqual([
    {
      framework: id(1),
      title: "Fractions",
      publisher: "State",
      edition: "2",
      language: "en",
      adoption_status: "Adopted",
      known_on: "2024-05-06",
    },
  ]);
  expect(
    await query(
      database(),
      tenantId,
      "select standard, label, subject, grade, grades, code, statement, kind, uri, status_ends_on, framework from standard order by standard",
    ),
  ).toEqual([
    {
      standard: id(2),
      label: "Equivalence",
      subject: "Math; Number",
      grade: "4",
      grades: ["4"],
      code: "4.NF.A.1",
      statement: "Statement 2",
      kind: "Standard",
      uri: "urn:i2",
      status_ends_on: "2030-06-30",
      framework: id(1),
    },
    expect.objectContaining({ standard: id(3), grade: null, grades: ["5", "6"], label: "Statement 3" }),
  ]);
  expect(await query(database(), tenantId, "select standard, requires from prerequisite")).toEqual([
    { standard: id(3), requires: id(2) },
  ]);
  expect(await query(database(), tenantId, "select kind, position from standard_association order by kind")).toEqual([
    { kind: "isChildOf", position: null },
    { kind: "precedes", position: null },
  ]);
});

test("CASE 1.0 and its drafts are read, each deviation is reported once by its name", async () => {
  const report = await takeText({
    CFDocument: { ...document, CFPackageURI: "urn:p", lastChangeDateTime: "2017-05-25T18:05:33" },
    CFItems: [
      {
        identifier: "http://purl.org/ASN/resources/S114340D",
        fullStatement: "Geometry",
        CFDocumentURI: "urn:d",
        educationalLevel: "KG",
        description: null,
        notes: "for teachers",
        CFItemTypeURI: { title: "Domain", identifier: id(9), uri: "urn:t" },
      },
    ],
    CFAssociations: [
      {
        ...tie(4, 2, "isChildOf", 1),
        originNodeURI: undefined,
        originNodeIdentifier: "http://asn.jesandco.org/resources/S114340D",
      },
    ],
  });
  expect(report.standard).toBe("CASE 1.0");
  expect(whats(report).sort()).toEqual(
    [
      "CFPackageURI: a member of CASE 1.0",
      "lastChangeDateTime without a time zone",
      "CFDocumentURI: a member of CASE 1.0",
      "educationalLevel: a member of CASE 1.0",
      "CFItems.description: null",
      "CFItems.notes: not kept",
      "identifier that is no UUID",
      "educationLevel: one text, no list",
      "no lastChangeDateTime",
      "originNodeIdentifier: a member of CASE 1.0",
      "originNodeURI: no link of title, identifier and uri",
    ].sort(),
  );
  expect(await query(database(), tenantId, "select standard, kind, grade from standard")).toEqual([
    { standard: "S114340D", kind: "Domain", grade: "K" },
  ]);
  expect(await query(database(), tenantId, "select standard, other from standard_association")).toEqual([
    { standard: "S114340D", other: id(1) },
  ]);
});

test("entries without what they need are refused by place and kept; the others go in", async () => {
  const report = await takeText({
    CFDocument: document,
    CFItems: [
      item(2),
      { ...item(3), fullStatement: " " },
      { ...item(4), identifier: undefined },
      "text",
      { ...item(5), statusEndDate: "2021-04-31" },
      { ...item(2), fullStatement: "Other words" },
    ],
    CFAssociations: [tie(6, 2, "isChildOf", 1), { ...tie(7, 2, "isChildOf", 1), destinationNodeURI: null }],
  });
  expect(
    refusalsOf(report)
      .map(({ file, code, column }) => [file, code, column])
      .sort(),
  ).toEqual([
    ["framework.json: associations", "MISSING", "destinationNodeURI"],
    ["framework.json: standards", "BAD_VALUE", null],
    ["framework.json: standards", "BAD_VALUE", "statusEndDate"],
    ["framework.json: standards", "DUPLICATE", null],
    ["framework.json: standards", "MISSING", "fullStatement"],
    ["framework.json: standards", "MISSING", "identifier"],
  ]);
  for (const file of report.files) expect(file.rows).toBe(file.new + file.changed + file.unchanged + file.refused);
  expect(await query(database(), tenantId, "select 1 from import_refusal where raw <> ''")).toHaveLength(6);
});

test("the edge that closes a cycle is refused by name, also when the others are in the record already; so is a loop in the tree", async () => {
  const items = [2, 3, 4].map((n) => item(n));
  await takeText({
    CFDocument: document,
    CFItems: items,
    CFAssociations: [tie(10, 2, "precedes", 3), tie(11, 3, "precedes", 4)],
  });
  const report = await takeText({
    CFDocument: document,
    CFItems: items,
    CFAssociations: [
      tie(12, 4, "precedes", 2),
      tie(13, 2, "precedes", 4),
      tie(14, 2, "precedes", 2),
      tie(15, 2, "isChildOf", 3),
      tie(16, 3, "isChildOf", 2),
    ],
  });
  expect(
    refusalsOf(report)
      .map(({ file, reason }) => [file, reason])
      .sort(),
  ).toEqual([
    [
      "framework.json: associations",
      `expected a tree without a cycle, got an edge that closes one: ${id(3)} after ${id(2)}`,
    ],
    [
      "framework.json: prerequisites",
      `expected an order without a cycle, got an edge that closes one: ${id(2)} after ${id(2)}`,
    ],
    [
      "framework.json: prerequisites",
      `expected an order without a cycle, got an edge that closes one: ${id(2)} after ${id(4)}`,
    ],
  ]);
  expect(await query(database(), tenantId, "select requires, standard from prerequisite order by version_id")).toEqual([
    { requires: id(2), standard: id(3) },
    { requires: id(3), standard: id(4) },
    { requires: id(2), standard: id(4) },
  ]);
});

test("the graph takes an edge exactly when no path leads back", () => {
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 40 });
  fc.assert(
    fc.property(edges, (list) => {
      const graph = new AcyclicGraph();
      const taken: [number, number][] = [];
      const leads = (from: number, to: number): boolean =>
        from === to || taken.some(([start, end]) => start === from && leads(end, to));
      for (const [from, to] of list) {
        const closes = leads(to, from);
        expect(graph.add(String(from), String(to))).toBe(!closes);
        if (!closes) taken.push([from, to]);
      }
    }),
  );
});

test("LRMI: teaches, assesses, alignments, AlignmentObject as a property; the standard is found by address, id or code", async () => {
  await takeText({ CFDocument: document, CFItems: [item(2, { humanCodingScheme: "CCSS.Math.Content.4.NF.A.1" })] });
  const report = await takeText({
    "@context": "https://schema.org/",
    "@graph": [
      {
        "@type": "LearningResource",
        "@id": "https://content.example/videos/7",
        name: "Halves",
        timeRequired: "PT12M30S",
        learningResourceType: "Video",
        keywords: "fractions, halves",
        teaches: { "@type": "DefinedTerm", termCode: "4.NF.A.1" },
        assesses: "urn:i2",
        educationalAlignment: [
          { "@type": "AlignmentObject", alignmentType: "requires", targetUrl: `https://x.example/CFItems/${id(2)}` },
          { "@type": "AlignmentObject", alignmentType: "readingLevel", targetName: "600L" },
        ],
      },
      {
        "@type": "CreativeWork",
        url: "https://content.example/old",
        name: "Old",
        AlignmentObject: { alignmentType: "teaches", targetName: "9.X.Z.9" },
      },
      { "@type": "LearningResource", name: "Nameless" },
      { "@type": "Quiz", "@id": "urn:q", name: "Quiz", timeRequired: "a while" },
      { "@type": "Person", name: "An author" },
    ],
  });
  expect(
    await query(
      database(),
      tenantId,
      "select activity, title, standard, modality, minutes, topics from activity order by activity",
    ),
  ).toEqual([
    {
      activity: "https://content.example/old",
      title: "Old",
      standard: "9.X.Z.9",
      modality: null,
      minutes: null,
      topics: [],
    },
    {
      activity: "https://content.example/videos/7",
      title: "Halves",
      standard: id(2),
      modality: "video",
      minutes: 13,
      topics: ["fractions", "halves"],
    },
  ]);
  expect(
    await query(database(), tenantId, "select standard, kind, framework from alignment order by kind, standard"),
  ).toEqual([
    { standard: id(2), kind: "assesses", framework: id(1) },
    { standard: id(2), kind: "requires", framework: id(1) },
    { standard: id(2), kind: "teaches", framework: id(1) },
    { standard: "9.X.Z.9", kind: "teaches", framework: null },
  ]);
  expect(refusalsOf(report).map(({ code, column }) => [code, column])).toEqual([
    ["MISSING", "@id"],
    ["BAD_VALUE", "timeRequired"],
  ]);
  expect(whats(report).sort()).toEqual([
    "AlignmentObject as a property read as educationalAlignment",
    "alignments with a standard the record does not have: kept as named",
    "educationalAlignment of type readingLevel: about no standard, not kept",
  ]);
});

test("codes are compared without the publisher's prefix and without dots that part letters", () => {
  const same = [
    ["1.NBT.B.2.a", "CCSS.Math.Content.1.NBT.B.2a"],
    ["HS.A-APR.B.2", "CCSS.Math.Content.HSA-APR.B.2"],
    ["MP.1", "CCSS.Math.Practice.MP1"],
  ] as const;
  for (const [one, other] of same) expect(comparableCode(one)).toBe(comparableCode(other));
  expect(comparableCode("4.NF.1.1")).not.toBe(comparableCode("4.NF.11"));
  expect(standardId("urn:guid:3D384CB2349B41299A3B5A133AB9E3F8")).toBe("3d384cb2-349b-4129-9a3b-5a133ab9e3f8");
  // RFC 9562, appendix A.4 has this example of version 5 for the name space of DNS; ours is that of addresses.
  expect(uuidOfName("http://www.example.com/")).toBe("fcde3c85-2270-590f-9e7c-ee003d65e0e2");
});

test("what is no framework is refused whole, with what it seems to be", async () => {
  const refused: [unknown, string, RegExp][] = [
    ["{", "x.json", /expected JSON in x.json, got a text that breaks/],
    [{ a: 1 }, "x.json", /JSON of another kind/],
    [{ $schema: "urn:s" }, "x.json", /a JSON Schema/],
    ["617\t520\n", "x.txt", /neither JSON, XML nor a table/],
    ["<a/>", "x.xml", /expected a courseStructure of cmi5/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "x.xml", /expected no document type/],
  ];
  for (const [content, name, message] of refused) {
    const failure = takeText(content, name);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(CairnError);
  }
  await expect(take(join(await scratchFolder(), "nothing.json"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
});

const schemaPath = join(datasetsFolder() ?? "", "standards/case/schemas/official_case-v1p1-cfpackage.json");
async function schemaFaults(exported: CasePackage): Promise<unknown> {
  const ajv = new Ajv2019({ strict: false });
  ajv.addFormat("uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
  ajv.addFormat("date-time", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/);
  ajv.addFormat("date", /^\d{4}-\d{2}-\d{2}$/);
  const validate = ajv.compile(JSON.parse(await readFile(schemaPath, "utf8")) as object);
  validate(exported);
  return validate.errors;
}

const words = fc
  .string({ minLength: 1, maxLength: 30 })
  .map((text) => text.replaceAll("\u0000", "").trim())
  .filter((text) => text !== "");
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const packages = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.record({
    CFDocument: fc.record({
      creator: words,
      title: words,
      publisher: optional(words),
      version: optional(words),
      language: optional(fc.constant("en")),
    }),
    CFItems: fc.array(
      fc.record({
        fullStatement: words,
        humanCodingScheme: optional(words),
        abbreviatedStatement: optional(words),
        CFItemType: optional(words),
        educationLevel: optional(fc.uniqueArray(fc.constantFrom("K", "1", "09", "PK"), { minLength: 1 })),
        statusEndDate: optional(fc.constant("2031-07-31")),
      }),
      { minLength: count, maxLength: count },
    ),
    ties: fc.array(
      fc.tuple(
        fc.nat(count - 1),
        fc.nat(count - 1),
        fc.constantFrom("isChildOf", "precedes", "isRelatedTo", "ext:near"),
        optional(fc.nat(99)),
      ),
      { maxLength: 12 },
    ),
  }),
);

test("import, export, import: the second import of a package changes nothing, whatever is in it", {
  timeout: 120_000,
}, async () => {
  const checksSchema = datasetsFolder() !== undefined;
  await fc.assert(
    fc.asyncProperty(packages, async ({ CFDocument, CFItems, ties }) => {
      tenantId = await district(database());
      await takeText({
        CFDocument: { ...document, ...CFDocument },
        CFItems: CFItems.map((more, i) => item(i + 10, more)),
        CFAssociations: ties.map(([from, to, kind, sequenceNumber], i) => ({
          ...tie(i + 500, from + 10, kind, to + 10),
          sequenceNumber,
        })),
      });
      const exported = await exportCasePackage(database(), {
        tenantId,
        framework: id(1),
        base: "https://valley.example",
      });
      if (checksSchema) expect(await schemaFaults(exported)).toBeNull();
      const again = await takeText(exported);
      for (const { file, new: added, changed: other } of again.files) {
        expect({ file, added, other }).toEqual({ file, added: 0, other: 0 });
      }
      const exportedAgain = await exportCasePackage(database(), {
        tenantId,
        framework: id(1),
        base: "https://valley.example",
      });
      expect(exportedAgain).toEqual(exported);
    }),
    { numRuns: 12 },
  );
});

describe.skipIf(datasetsFolder() === undefined)("public frameworks (needs the shared data sets)", () => {
  const standards = join(datasetsFolder() ?? "", "standards");
  const asn = "asn/D10003FB_ccss_math.rdf.json.gz";

  /** What becomes of every file: rows of its parts, or the reason it is refused. */
  const table: [string, Record<string, number> | RegExp][] = [
    ["case/frameworks/AdoptedTestFramework.json", { framework: 1, standards: 1, associations: 1 }],
    ["case/frameworks/SmartLevelFramework.json", { framework: 1, standards: 14, associations: 14 }],
    ["case/frameworks/test_framework_case.json", { framework: 1, standards: 65, associations: 65 }],
    [
      "case/frameworks/opensalt-framework-20c5134f-423d-4097-a971-3dd5152bf507.json",
      { framework: 1, standards: 16, associations: 39, prerequisites: 3 },
    ],
    ["case/frameworks/math_cfs_sample.json.gz", { framework: 1, standards: 703, associations: 703 }],
    ["case/schemas/official_case-v1p1-cfpackage.json", /a JSON Schema, which describes one/],
    ["case/schemas/case-v1p1-cfpackage.json", /a JSON Schema, which describes one/],
    ["case/schemas/case-v1p0-cfpackage.json", /a JSON Schema, which describes one/],
    ["case/schemas/README.md", /neither JSON, XML nor a table/],
    [asn, { framework: 1, standards: 703, associations: 703 + 1326 }],
    ["asn/ngss_topics.json", /expected JSON in ngss_topics.json, got a text that breaks/],
    ["asn/ccss_math_statements.csv", /neither JSON, XML nor a table/],
    ["asn/LICENSE", /neither JSON, XML nor a table/],
    ["coherence-map", { standards: 480, prerequisites: 757, related: 142 }],
    ["coherence-map/standards.csv", { standards: 480 }],
    ["coherence-map/prerequisite_edges.csv", { prerequisites: 757 }],
    ["coherence-map/related_edges.csv", { related: 142 }],
    ["coherence-map/data.js.gz", /neither JSON, XML nor a table/],
    ["junyi-exercise-map", { framework: 1, standards: 837, prerequisites: 988 }],
    ["junyi-exercise-map/junyi_Exercise_table.csv", { framework: 1, standards: 837, prerequisites: 988 }],
    ["junyi-exercise-map/rcd_K_Directed.txt", /neither JSON, XML nor a table/],
    ["junyi-exercise-map/rcd_K_Undirected.txt", /neither JSON, XML nor a table/],
    ["junyi-exercise-map/rcd_user_exercise_pairs.txt.gz", /neither JSON, XML nor a table/],
    ["junyi-exercise-map/rcd_README.md", /neither JSON, XML nor a table/],
    ["xapi-cmi5/cmi5/masteryscore_responsive.cmi5.xml", { activities: 1 }],
    ["xapi-cmi5/cmi5/multi_au_framed.cmi5.xml", { activities: 8 }],
    ["xapi-cmi5/cmi5/pre_post_test_framed.cmi5.xml", { activities: 6 }],
    ["xapi-cmi5/cmi5/single_au_basic_responsive.cmi5.xml", { activities: 1 }],
  ];

  test.each(table)("%s", { timeout: 60_000 }, async (path, outcome) => {
    if (outcome instanceof RegExp) {
      await expect(take(join(standards, path))).rejects.toMatchObject({
        code: "UNREADABLE_FILE",
        message: expect.stringMatching(outcome),
      });
      return;
    }
    const report = await take(join(standards, path));
    const rows = Object.fromEntries(report.files.map(({ file, rows }) => [file.split(": ")[1], rows]));
    expect(rows).toEqual(outcome);
    for (const file of report.files) expect(file.rows).toBe(file.new + file.changed + file.unchanged + file.refused);
    const again = await take(join(standards, path));
    for (const file of again.files)
      expect({ file: file.file, added: file.new + file.changed }).toEqual({ file: file.file, added: 0 });
  });

  test.each([asn, "case/frameworks/math_cfs_sample.json.gz"])(
    "all 480 codes of the coherence map join %s, and so do all its edges",
    async (path) => {
      await take(join(standards, path));
      const report = await take(join(standards, "coherence-map"));
      expect(report.files).toEqual([
        { file: "coherence-map: standards", rows: 480, new: 0, changed: 0, unchanged: 480, refused: 0 },
        { file: "coherence-map: prerequisites", rows: 757, new: 757, changed: 0, unchanged: 0, refused: 0 },
        { file: "coherence-map: related", rows: 142, new: 142, changed: 0, unchanged: 0, refused: 0 },
      ]);
      const dangling = await query(
        database(),
        tenantId,
        "select 1 from prerequisite p where not exists (select from standard s where s.standard = p.standard) or not exists (select from standard s where s.standard = p.requires)",
      );
      expect(dangling).toEqual([]);
    },
  );

  test("a public framework goes out in the official form, its ids made UUIDs", async () => {
    await take(join(standards, asn));
    await take(join(standards, "coherence-map"));
    const exported = await exportCasePackage(database(), {
      tenantId,
      framework: "D10003FB",
      base: "https://valley.example",
    });
    expect(await schemaFaults(exported)).toBeNull();
    expect(exported.CFItems).toHaveLength(703);
    expect(exported.CFAssociations.filter(({ associationType }) => associationType === "precedes")).toHaveLength(757);
  });
});
