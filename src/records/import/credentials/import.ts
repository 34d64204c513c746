import { text as readText } from "node:stream/consumers";
import type { CredentialVerification } from "../../credentials/answers.ts";
import { certifies } from "../../credentials/answers.ts";
import { isObject, listOf, parseObject, textOf, textsOf } from "../../credentials/json.ts";
import type { KnownKey } from "../../credentials/keys.ts";
import type { HeldCredential } from "../../credentials/row.ts";
import { credentialColumns, verificationRecord } from "../../credentials/row.ts";
import type { StatusLists } from "../../credentials/status.ts";
import { trustedAuthority } from "../../credentials/trust.ts";
import { verifyCredential } from "../../credentials/verify.ts";
import type { Database } from "../../database.ts";
import type { IncomingRow } from "../backpack/merge-rows.ts";
import { mergeRows } from "../backpack/merge-rows.ts";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";
import { anyStrongSystem, buildPersonMap } from "../core/people.ts";
import type { ImportReport } from "../core/report.ts";
import type { RowProblem } from "../core/row.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { Archive } from "../oneroster/archive.ts";
import { openArchive } from "../oneroster/archive.ts";
import { singleFile } from "./single-file.ts";
import { findHolders, holderNames } from "./subjects.ts";

/** How credentials are imported. */
export interface CredentialImportOptions extends ImportOptions {
  /** The district, state or local number of the learner who holds them, where they do not say so themselves. */
  readonly student?: string;
  /** Keys the operator knows to be issuers': whoever gives them vouches for the issuers. */
  readonly keys?: readonly KnownKey[];
  /** Status lists by the address credentials name them by; those in the delivery are found by their own id. */
  readonly statusLists?: StatusLists;
}

const limits = { entries: 10_000, bytes: 2 ** 30, ratio: 300 };
const longestFile = 64 * 2 ** 20; // bytes: a CLR with images in it

/**
 * Imports credentials: Open Badges 2.0 and 3.0, CLR 2.0, endorsements, as JSON or JWT, from a file, a folder or a zip. Each is
 * verified offline. All five answers right and an issuer this district trusts: certified; anything failed or not checked:
 * contributed; what is no credential, or of nobody in the record: refused and kept. Credentials inside a CLR go in by themselves.
 * @throws CairnError `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importCredentials(database: Database, options: CredentialImportOptions): Promise<ImportReport> {
  const archive = await openDelivery(options.path);
  try {
    const sourceSystem = options.source ?? {};
    const delivery = {
      source: sourceSystem.systemCode ?? sourceSystem.systemName ?? "credential",
      sourceSystem,
      standard: "Open Badges and CLR",
      standardVersion: "2.0 and 3.0",
      sha256: archive.sha256,
    };
    return await runImport(database, options, delivery, async (session) => {
      await buildPersonMap(session);
      const files = await readFiles(session, archive);
      const statusLists = new Map([...listsAmong(files), ...(options.statusLists ?? [])]);
      let done = 0;
      for (const [file, text] of files) {
        session.check();
        await takeFile(session, file, text, { ...options, statusLists });
        done += 1;
        options.onProgress?.("verifying credentials", done / files.size);
      }
    });
  } finally {
    archive.close();
  }
}

async function openDelivery(path: string): Promise<Archive> {
  if (/\.(json|jsonld|jwt|jws|txt)$/i.test(path)) return singleFile(path);
  return openArchive(path, {
    expected: "credentials",
    accepts: (name) => !/(^|\/)\./.test(name),
    nested: true,
    limits,
  });
}

async function readFiles(session: ImportSession, archive: Archive): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const file of archive.files) {
    session.check();
    if (file.bytes > longestFile) {
      session.report.counts(file.name).rows += 1;
      await session.refuse(file.name, 1, bad(`expected at most ${longestFile} bytes, got ${file.bytes}`), "");
    } else files.set(file.name, await textIn(file));
  }
  return files;
}

async function textIn(file: SourceFile): Promise<string> {
  try {
    return await readText(await file.open());
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

/** Status lists that came along: they are no credentials of a learner. */
function listsAmong(files: ReadonlyMap<string, string>): StatusLists {
  return new Map(
    [...files.values()].flatMap((text) => {
      const document = parseObject(text);
      const id = document === undefined || !isStatusList(document) ? null : textOf(document.id);
      return id === null ? [] : [[id, document!] as const];
    }),
  );
}

function isStatusList(document: object): boolean {
  const { type } = document as { type?: unknown };
  return (
    textsOf(type).includes("BitstringStatusListCredential") ||
    ["revokedCredential", "revokedCredentials", "revokedAssertions"].some((member) => member in document)
  );
}

async function takeFile(
  session: ImportSession,
  file: string,
  text: string,
  options: CredentialImportOptions & { readonly statusLists: StatusLists },
): Promise<void> {
  const parsed = parseObject(text);
  if (parsed !== undefined && isStatusList(parsed)) {
    session.report.lenient(file, "a status list: used to check the others");
    return;
  }
  const verification = await verifyCredential(text, {
    now: options.receivedAt,
    statusLists: options.statusLists,
    ...(options.keys && { keys: options.keys }),
  });
  if (isBackpack(verification)) {
    session.report.counts(file).rows += 1;
    await session.refuse(
      file,
      1,
      bad("expected a credential, got a Backpack: `cairn backpack import` reads it whole"),
      "",
    );
    return;
  }
  const held = [{ verification, document: text.trim() }, ...inside(verification)];
  const problem =
    verification.schema.outcome === "failed"
      ? bad(verification.schema.reason)
      : await holder(session, verification, options.student);
  if ("code" in problem) {
    session.report.counts(file).rows += 1;
    await session.refuse(file, 1, problem, text);
    return;
  }
  const rows: IncomingRow[] = [];
  for (const credential of held) rows.push(await rowOf(session, credential, problem.personId, options.keys ?? []));
  for (const row of rows) {
    const { channel } = row.verification as { channel: string };
    await mergeRows(session, "credential", [row], { channel, undated: true, file });
  }
}

/** A Backpack's rows are the record itself: as a credential they would lie in it a second time. */
function isBackpack({ document }: CredentialVerification): boolean {
  return listOf(document?.credentialSubject).some((subject) => isObject(subject) && "learnerRecord" in subject);
}

/** The credentials inside a CLR, at any depth, as they stand in it. */
function inside(verification: CredentialVerification): HeldCredential[] {
  const subjects = listOf(verification.document?.credentialSubject).filter(isObject);
  const documents = subjects.flatMap((subject) => listOf(subject.verifiableCredential));
  return verification.nested.flatMap((nested, i) => {
    const document = documents[i];
    if (nested.schema.outcome === "failed") return [];
    return [
      { verification: nested, document: typeof document === "string" ? document : JSON.stringify(document) },
      ...inside(nested),
    ];
  });
}

function bad(reason: string): RowProblem {
  return { column: null, code: "BAD_VALUE", reason };
}

async function holder(
  session: ImportSession,
  verification: CredentialVerification,
  student: string | undefined,
): Promise<RowProblem | { readonly personId: string }> {
  if (student !== undefined) {
    const rows = await session.tx.sql<{ personId: string; people: number }[]>`
      select person_id as "personId", people from person_map where system = ${anyStrongSystem} and value = ${student}`;
    if (rows[0]?.people === 1) return { personId: rows[0].personId };
    return rows[0] === undefined
      ? {
          column: "student",
          code: "DANGLING",
          reason: "expected the number of a person in the record, got one that nobody there has",
        }
      : {
          column: "student",
          code: "AMBIGUOUS",
          reason: "expected the number of one person, got one that several persons have",
        };
  }
  const found = await findHolders(session, holderNames(verification.document ?? {}));
  if (found.length === 1) return { personId: found[0]! };
  return found.length === 0
    ? {
        column: "credentialSubject",
        code: "DANGLING",
        reason: "expected a holder who is in the record, got one that nobody there is known by",
      }
    : {
        column: "credentialSubject",
        code: "AMBIGUOUS",
        reason: "expected one holder, got a name that several persons share",
      };
}

async function rowOf(
  session: ImportSession,
  held: HeldCredential,
  personId: string,
  keys: readonly KnownKey[],
): Promise<IncomingRow> {
  const { verification } = held;
  const issuer = verification.issuer.id;
  const known = keys.some((key) => key.issuer === issuer) ? issuer! : undefined;
  const authority = known ?? (await trustedAuthority(session.tx, issuer));
  // The credentials inside are judged by themselves: one bad badge does not take the others' worth.
  const certified =
    authority !== undefined && session.standing === "certified" && certifies({ ...verification, nested: [] });
  const columns = credentialColumns(held);
  const channel = authority ?? issuer ?? "unknown";
  return {
    ...columns,
    // Makers of badges give one id to many: what one learner holds must never replace what another does.
    record_key: `credential:${issuer ?? "unknown"}|${columns.credential}|${personId}`,
    content_hash: columns.document_sha256.slice(0, 32),
    class: certified ? "certified" : "contributed",
    authority: certified ? authority : session.authority,
    source_record_id: columns.credential,
    known_on: session.receivedOn,
    person_id: personId,
    verification: verificationRecord(verification, { checkedAt: session.receivedAt, channel }),
  };
}
