import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { CairnError } from "../../../errors.ts";
import type { PersonTable } from "../../consent/data-classes.ts";
import { tableClasses } from "../../consent/data-classes.ts";
import { openSigningKeys } from "../../credentials/signing-keys.ts";
import type { Database } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { DisclosureLine } from "../../disclosure/log.ts";
import { logDisclosures } from "../../disclosure/log.ts";
import type { ReportProgress } from "../../progress.ts";
import { tableCsv } from "./csv.ts";
import type { BackpackDocument } from "./document.ts";
import { backpackDocument, backpackFiles } from "./document.ts";
import type { LearnerRecord } from "./gather.ts";
import { gatherRecord } from "./gather.ts";
import { backpackPage } from "./page.ts";
import type { BackpackTable } from "./tables.ts";
import { backpackTables, travellingTables } from "./tables.ts";

/** Who gets a Backpack: the family (its own copy, with everything), or the district the learner moves to. */
export type BackpackAudience = "family" | "district";

/** What an export needs to know. */
export interface BackpackOptions {
  readonly tenantId: string;
  readonly personId: string;
  /** The folder of signing keys. */
  readonly keysFolder: string;
  /** The clock is the caller's. */
  readonly now: Date;
  readonly audience: BackpackAudience;
  /** The account that asked, and the party it goes to: both go into the record of disclosures. */
  readonly requester: string;
  readonly party: string;
  readonly onProgress?: ReportProgress;
}

/** What was exported. */
export interface BackpackSummary {
  readonly certifiedRows: number;
  readonly otherRows: number;
  readonly credentials: number;
  /** The DID that signed. */
  readonly issuer: string;
}

/** A learner's Backpack in all its forms, by file name. */
export interface Backpack extends BackpackSummary {
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Makes the Backpack of a learner: the signed record, what is not certified beside it, a page to read, and, for the family,
 * every table as JSON and CSV. The disclosure is written down in the same transaction (34 CFR 99.32): no copy leaves without
 * its line.
 * @throws CairnError `NOT_FOUND` when the record holds no such person, `BAD_CONFIGURATION` when the signing key is not private
 */
export async function makeBackpack(database: Database, options: BackpackOptions): Promise<Backpack> {
  const { tenantId, personId, now, audience } = options;
  const issuer = {
    name: await tenantName(database, tenantId),
    keys: await openSigningKeys(options.keysFolder, tenantId, now),
  };
  return inTenant(
    database,
    tenantId,
    async (tx) => {
      const record = await gatherRecord(tx, personId);
      if ((record.rows.get("person") ?? []).length === 0) {
        throw new CairnError("NOT_FOUND", "expected the id of a person in the record, got one that nobody there has");
      }
      const document = await backpackDocument(issuer, record, now, options.onProgress);
      const tables = audience === "family" ? backpackTables : travellingTables;
      await logDisclosures(tx, [disclosureLine(options, record, tables, String(document.record.id))], now);
      const page = await backpackPage(
        { district: issuer.name, madeOn: now.toISOString().slice(0, 10) },
        tables,
        record.rows,
      );
      const files = new Map([
        ["README.txt", readme(issuer.name, audience)],
        [backpackFiles.record, `${JSON.stringify(document.record, null, 1)}\n`],
        [backpackFiles.profile, document.profile],
        ["backpack.html", page],
        ...(audience === "family" ? familyFiles(record) : []),
      ]);
      return { ...summary(document), issuer: issuer.keys.current.controller, files };
    },
    { consistent: true },
  );
}

/** Writes a Backpack as a zip. */
export async function writeBackpack(backpack: Backpack, path: string): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of backpack.files) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  // It holds a child's record: nobody else on the machine may read it.
  await pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }));
}

function disclosureLine(
  { personId, requester, party, audience }: BackpackOptions,
  { rows }: LearnerRecord,
  tables: readonly BackpackTable[],
  reference: string,
): DisclosureLine {
  const filled = tables.filter(({ name }) => rows.get(name)!.length > 0).map(({ name }) => name);
  const classes = filled.flatMap((name) =>
    Object.hasOwn(tableClasses, name) ? tableClasses[name as PersonTable] : [],
  );
  return {
    personId,
    outcome: "disclosed",
    requester,
    party,
    interest: audience === "family" ? "a copy of the learner's own record" : "the learner enrols there",
    legalBasis: audience === "family" ? "parent-or-student" : "transfer",
    dataClasses: [...new Set(classes)].sort(),
    agreementId: null,
    consentKey: null,
    onwardParties: null,
    specialEducation: rows.get("support")!.some(({ kind }) => kind === "iep"),
    reason: null,
    reference,
  };
}

/** The name of a registered district. @throws CairnError `NOT_FOUND` */
export async function tenantName(database: Database, tenantId: string): Promise<string> {
  const [row] = await database.sql<{ name: string }[]>`select name from tenant where id = ${tenantId}`;
  if (row === undefined)
    throw new CairnError("NOT_FOUND", `expected a registered tenant, got ${JSON.stringify(tenantId)}`);
  return row.name;
}

function summary({ certifiedRows, otherRows, credentials }: BackpackDocument): Omit<BackpackSummary, "issuer"> {
  return { certifiedRows, otherRows, credentials };
}

/** Everything, in the district's own names, as one JSON document and a CSV file for each table that has rows. */
function familyFiles({ rows, batches }: LearnerRecord): [string, string][] {
  const filled = backpackTables.filter(({ name }) => rows.get(name)!.length > 0);
  const all = Object.fromEntries(filled.map(({ name }) => [name, rows.get(name)!]));
  return [
    ["data/record.json", `${JSON.stringify({ tables: all, batches }, null, 1)}\n`],
    ...filled.map(({ name }): [string, string] => [`data/${name}.csv`, tableCsv(name, rows.get(name)!)]),
  ];
}

function readme(district: string, audience: BackpackAudience): string {
  const stays = backpackTables.flatMap(({ title, stays: why }) => (why === undefined ? [] : [`  ${title}: ${why}.`]));
  return [
    `Data Backpack, made by ${district}`,
    "",
    "backpack.html   Read this one: it opens in any browser and can be printed.",
    "backpack.json   What the district certifies, signed: a Comprehensive Learner Record 2.0 (1EdTech) as a Verifiable",
    "                Credential 2.0 (W3C). Whoever gets it can check that nothing was changed, without asking anybody.",
    "profile.json    What learner, family, teachers and platforms contributed, and what was computed. It is not certified;",
    "                the signature of backpack.json says that it is the file that belongs here.",
    ...(audience === "family"
      ? [
          "data/           Everything, once as one JSON document and once as a CSV file for each kind of record. The column",
          "                `class` says certified, contributed or derived. A text that a spreadsheet could take for a formula",
          "                has an apostrophe before it.",
          "",
          "Hand backpack.json and profile.json (or this whole zip) to the next school. What stays with this district:",
          ...stays,
        ]
      : []),
    "",
    "Keep this safe: it is a child's record.",
    "",
  ].join("\r\n");
}
