import type { AccessLine, AccessPage, LoggedAccess } from "../../records/accesses/log.ts";
import {
  accessesTo,
  knownPersons,
  logAccess,
  personsByNumbers,
  personsOfStatements,
} from "../../records/accesses/log.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { peopleByIds } from "../../records/identity/people.ts";
import type { FamilyActor } from "../families/learners.ts";
import { aboutLearner } from "../families/learners.ts";
import type { Cairn } from "../runtime.ts";
import type { Caller } from "./keys.ts";

/** What the log of accesses says of a request, before it is known what became of it. */
export interface AccessNote {
  readonly caller: Caller;
  /** Method and pattern of the route, without the learner it names. */
  readonly route: string;
  /** What for: a purpose of docs/privacy.md. */
  readonly purpose: string;
  /** Joins the line to the log of the service. */
  readonly requestId: string;
}

/** Of whom an answer is, in the words it has for them; null stands for a learner it has none for. */
export interface Shown {
  readonly by: "number" | "number or person" | "person" | "statement";
  /** Numbers of the district, ids of the record or ids of xAPI statements; null where the answer does not say of whom it is. */
  readonly ids: readonly (string | null)[] | null;
  /** The run it came from. */
  readonly runId?: string;
}

/**
 * Writes the line of a request before its answer leaves: what was shown, or that somebody asked for a learner and was refused. A
 * number that is nobody's and was refused leaves none: nobody was asked for.
 */
export async function noteAccess(
  cairn: Cairn,
  note: AccessNote,
  outcome: AccessLine["outcome"],
  shown: Shown,
): Promise<void> {
  await inTenant(cairn.database, note.caller.tenantId, async (tx) => {
    const named = [...new Set((shown.ids ?? []).flatMap((id) => id ?? []))];
    const personIds = named.length === 0 ? [] : await personsNamed(tx, shown.by, named);
    if (outcome === "refused" && personIds.length === 0) return;
    const unnamed = shown.ids?.filter((id) => id === null).length ?? 0;
    // A statement may wait for a person whom nobody has found yet: then it is not said of whom it is.
    const counted = shown.by === "statement" ? personIds.length || null : named.length + unnamed;
    await logAccess(
      tx,
      lineOf(note, outcome, shown.ids === null ? null : counted, shown.runId),
      personIds,
      cairn.now(),
    );
  });
}

async function personsNamed(tx: TenantTransaction, by: Shown["by"], ids: readonly string[]): Promise<string[]> {
  if (by === "person") return [...ids];
  if (by === "statement") return personsOfStatements(tx, ids);
  const found = await personsByNumbers(tx, ids);
  return by === "number" ? found : [...new Set([...found, ...(await knownPersons(tx, ids))])];
}

/**
 * The line of an answer about one learner, for a transaction that makes the answer: both are committed, or neither.
 * @returns the statement, to be sent with the others
 */
export function accessWithin(
  tx: TenantTransaction,
  note: AccessNote,
  { personId, runId }: { readonly personId: string; readonly runId: string | null },
  now: Date,
): ReturnType<typeof logAccess> {
  return logAccess(tx, lineOf(note, "shown", 1, runId ?? undefined), [personId], now);
}

function lineOf(
  { caller, route, purpose, requestId }: AccessNote,
  outcome: AccessLine["outcome"],
  learners: number | null,
  runId: string | undefined,
): AccessLine {
  return {
    credential: caller.credential ?? null,
    readerId: caller.personId ?? null,
    role: caller.role,
    // A family's own right to see its record stands above what a route is for (34 CFR 99.10).
    purpose: caller.role === "family" ? "own-access" : purpose,
    route,
    outcome,
    learners,
    runId: runId ?? null,
    requestId,
  };
}

/** A line as the family and the office read it. */
export interface AccessRead extends LoggedAccess {
  /** The name of a reader of the school; null of a family's, which is nobody else's to know, and of a key that is no person's. */
  readonly reader: string | null;
}

/** A page of the log, and where the next one begins. */
export interface AccessLog {
  readonly accesses: readonly AccessRead[];
  /** What to give as `before` for the lines before these; null when there are none. */
  readonly next: string | null;
}

/**
 * Who was shown a learner, and who asked and was refused; the newest first.
 * @param learner - the district's own number of the learner
 * @throws CairnError `NOT_FOUND` when there is none, or she is not the actor's: the two look alike
 */
export function readAccesses(cairn: Cairn, actor: FamilyActor, learner: string, page: AccessPage): Promise<AccessLog> {
  return aboutLearner(cairn, actor, learner, (tx, personId) => pageOf(tx, personId, page));
}

/** The accesses of a district to anybody, for its office: lists with their runs too, the newest first. */
export function listAccesses(cairn: Cairn, tenantId: string, page: AccessPage): Promise<AccessLog> {
  return inTenant(cairn.database, tenantId, (tx) => pageOf(tx, undefined, page));
}

async function pageOf(tx: TenantTransaction, personId: string | undefined, page: AccessPage): Promise<AccessLog> {
  const found = await accessesTo(tx, personId, { ...page, limit: page.limit + 1 });
  const lines = found.slice(0, page.limit);
  const staff = lines.flatMap(({ role, readerId }) => (role === "family" ? [] : (readerId ?? [])));
  const names = new Map<string | null, string>();
  for (const one of await peopleByIds(tx, [...new Set(staff)])) {
    names.set(one.personId, [one.givenName, one.familyName].filter((part) => part !== null).join(" "));
  }
  const accesses = lines.map((line) => ({
    ...line,
    reader: line.role === "family" ? null : (names.get(line.readerId) ?? null),
  }));
  return { accesses, next: found.length > page.limit ? accesses.at(-1)!.accessId : null };
}
