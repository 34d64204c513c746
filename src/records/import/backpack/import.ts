import { districtDid } from "../../credentials/signing-keys.ts";
import { trustedAuthority } from "../../credentials/trust.ts";
import type { Database } from "../../database.ts";
import { inTenant } from "../../database.ts";
import { columnsOf, ownKey } from "../../export/backpack/names.ts";
import { catalogs, travellingTables } from "../../export/backpack/tables.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { IncomingRow } from "./merge-rows.ts";
import { mergeRows } from "./merge-rows.ts";
import type { ResolvedPerson } from "./person.ts";
import { resolvePerson } from "./person.ts";
import type { SentBackpack, SentRow } from "./read.ts";
import { readBackpack } from "./read.ts";

/** How a Backpack is imported. */
export interface BackpackImportOptions extends ImportOptions {
  /** The folder of signing keys: this district's own records are known by its DID. */
  readonly keysFolder: string;
}

/** What became of a Backpack. */
export interface BackpackImport {
  readonly report: ImportReport;
  /** What it counts here as a whole: records of a district that is not trusted arrive as contributed, whatever they were. */
  readonly standing: "certified" | "contributed";
  readonly reason: string;
  readonly district: { readonly id: string; readonly name: string };
  readonly person: ResolvedPerson;
}

/**
 * Imports a learner's Backpack from another district (or another cairn). From a district this one trusts, every record arrives
 * as what it was: certified by its own authority, contributed or derived, with its history, and with the signature as its
 * verification. From anybody else nothing arrives as certified. A Backpack that was changed is refused whole.
 * @throws CairnError `BAD_INPUT` when it was changed or is malformed, `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importBackpack(database: Database, options: BackpackImportOptions): Promise<BackpackImport> {
  options.onProgress?.("verifying", 0);
  const sent = await readBackpack(options.path, options.receivedAt);
  options.onProgress?.("verifying", 1);
  // Without a key it has sent nothing that could come home.
  const own = (await districtDid(options.keysFolder, options.tenantId)) ?? "did:none";
  const issuer = sent.verification.issuer.id;
  const authority = await inTenant(database, options.tenantId, (tx) => trustedAuthority(tx, issuer));
  const { standing, reason } = judge(sent, authority, own);
  const channel = authority ?? issuer ?? "unknown";
  const delivery = {
    source: issuer ?? "unknown",
    sourceSystem: { vendor: "cairn", systemName: sent.district.name, systemCode: sent.district.id },
    standard: "Data Backpack, CLR",
    standardVersion: "2.0",
    sha256: sent.sha256,
  };
  let person: ResolvedPerson | undefined;
  const report = await runImport(database, { ...options, authority: channel, standing }, delivery, async (session) => {
    person = await takeRows(session, sent, { standing, channel, own });
  });
  return { report, standing, reason, district: sent.district, person: person! };
}

function judge(
  sent: SentBackpack,
  authority: string | undefined,
  own: string,
): { standing: "certified" | "contributed"; reason: string } {
  const { verification, district } = sent;
  const contributed = (reason: string) => ({ standing: "contributed" as const, reason });
  const { signature, identity, validity, status, schema } = verification;
  const doubt = Object.entries({ signature, identity, validity, status, schema }).find(
    ([, answer]) => answer.outcome !== "verified",
  );
  if (doubt !== undefined) return contributed(`its ${doubt[0]} is ${doubt[1].outcome}: ${doubt[1].reason}`);
  if (district.id === own && verification.issuer.id !== null && authority === undefined)
    return contributed("it says that it comes from this district, which needs no Backpack of its own");
  if (authority === undefined) return contributed("this district has not decided to trust the issuer");
  if (authority !== district.id)
    return contributed("the issuer is trusted for another district than the one the record names");
  return { standing: "certified", reason: "the signature fits, and the issuer is trusted" };
}

interface Taking {
  readonly standing: "certified" | "contributed";
  readonly channel: string;
  readonly own: string;
}

async function takeRows(session: ImportSession, sent: SentBackpack, taking: Taking): Promise<ResolvedPerson> {
  const trusted = taking.standing === "certified";
  const parts = [sent.certified, sent.profile ?? {}];
  const all = (table: string): SentRow[] => parts.flatMap((part) => part[table] ?? []);
  const file = "backpack.json";
  if (sent.profile === undefined)
    session.report.lenient(file, "what is not certified did not come along (profile.json is missing)");
  noteUnknown(session, file, parts);
  const person = await resolvePerson(session, {
    district: taking.own,
    trusted,
    persons: all("person"),
    identifiers: all("identifier"),
    demographics: all("demographics"),
  });
  if (person.contested)
    session.report.lenient(
      file,
      "the state's number is here with another name or birth date: one of the records is wrong",
    );
  const broken = brokenCredentials(sent);
  for (const { name } of travellingTables) {
    session.check();
    const rows = await withoutOwn(session, name, all(name), taking.own);
    const incoming = rows.map((row) => arriving(row, { table: name, sent, taking, session, person, broken }));
    await mergeRows(session, name, incoming, { channel: taking.channel, file: `${file} ${name}` });
  }
  return person;
}

/** A later cairn may send more than this one has places for: it is said what was left out. */
function noteUnknown(session: ImportSession, file: string, parts: readonly SentBackpack["certified"][]): void {
  const known = new Set(travellingTables.map(({ name }) => name));
  for (const [table, rows] of parts.flatMap((part) => Object.entries(part))) {
    if (!known.has(table)) {
      session.report.lenient(file, `a table that is not known here, left out: ${table}`, rows.length);
      continue;
    }
    const columns = new Set(columnsOf(table));
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (!columns.has(column) && value !== null)
          session.report.lenient(file, `a column that is not known here, left out: ${table}.${column}`);
      }
    }
  }
}

/** The ids of credentials inside whose own signature does not hold: whoever passed them on, they are not certified. */
function brokenCredentials({ verification }: SentBackpack): ReadonlySet<string> {
  const broken = verification.nested.filter(({ signature }) => signature.outcome === "failed");
  return new Set(broken.flatMap(({ id }) => id ?? []));
}

/**
 * Rows that this district needs not take: its own that come home (what it knows of them itself counts), and standards and
 * activities that it names already.
 */
async function withoutOwn(
  session: ImportSession,
  table: string,
  rows: readonly SentRow[],
  own: string,
): Promise<readonly SentRow[]> {
  const home = new Map(
    rows.flatMap((row) => (ownKey(own, row.record_key) === undefined ? [] : [[ownKey(own, row.record_key)!, row]])),
  );
  const column = catalogs[table];
  const names = column === undefined ? [] : [...new Set(rows.map((row) => String(row[column])))];
  const here = await session.tx.sql.unsafe<{ key: string; name: string | null }[]>(
    `select distinct record_key as key, ${column === undefined ? "null" : `"${column}"`} as name from "${table}"
     where record_key = any($1::text[]) ${column === undefined ? "" : `or "${column}" = any($2::text[])`}`,
    column === undefined ? [[...home.keys()]] : [[...home.keys()], names],
  );
  const keys = new Set(here.map(({ key }) => key));
  const named = new Map(here.map(({ key, name }) => [name, key]));
  return rows.filter((row) => {
    const ours = ownKey(own, row.record_key);
    if (ours !== undefined && keys.has(ours)) return false;
    const namesake = column === undefined ? undefined : named.get(String(row[column]));
    return namesake === undefined || namesake === row.record_key;
  });
}

function arriving(
  row: SentRow,
  about: {
    readonly table: string;
    readonly sent: SentBackpack;
    readonly taking: Taking;
    readonly session: ImportSession;
    readonly person: ResolvedPerson;
    readonly broken: ReadonlySet<string>;
  },
): IncomingRow {
  const { table, sent, taking, session, person, broken } = about;
  const columns = columnsOf(table);
  const { batch_id: batch, received_at: receivedAt, verification: earlier, ...kept } = row;
  const doubtful = taking.standing === "contributed" || (table === "credential" && broken.has(String(row.credential)));
  const [proof] = sent.verification.signature.proofs;
  return {
    ...Object.fromEntries(
      Object.entries(kept).filter(([column]) => columns.includes(column) && !given.includes(column)),
    ),
    record_key: row.record_key,
    content_hash: row.content_hash,
    known_on: row.known_on,
    class: row.class === "certified" && doubtful ? "contributed" : row.class,
    // A number that belongs to somebody else here, or that a stranger claims, must not make two persons of one number.
    ...(table === "identifier" &&
      (doubtful || person.contested) &&
      row.system === "state" && { system: `state@${taking.channel}` }),
    ...(columns.includes("person_id") && { person_id: person.personId }),
    verification: {
      kind: "signature",
      channel: taking.channel,
      standing: taking.standing,
      issuer: sent.verification.issuer.id,
      proofType: proof?.kind ?? null,
      verificationMethod: proof?.verificationMethod ?? null,
      checkedAt: session.receivedAt,
      result: sent.verification.signature.outcome,
      documentSha256: sent.sha256,
      // How the record came to the district that sends it.
      origin: { receivedAt, verification: earlier ?? null, batch: sent.batches[String(batch)] ?? null },
    },
  };
}

const given = ["tenant_id", "version_id", "batch_id", "received_at", "supersedes", "person_id", "verification"];
