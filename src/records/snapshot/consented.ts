import { getTableColumns, getTableName, isTable } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import type { DataClass, PersonTable } from "../consent/data-classes.ts";
import { choosableClasses, sensitiveTables, tableClasses } from "../consent/data-classes.ts";
import type { DecisionRequest, Verdict } from "../consent/decide.ts";
import { decide } from "../consent/decide.ts";
import { dayOf } from "../consent/own-version.ts";
import type { LearnerDecisions } from "../consent/provisions.ts";
import { provisionsFor } from "../consent/provisions.ts";
import type { Purpose } from "../consent/uses.ts";
import { uses } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import type { AgreementStanding } from "../disclosure/agreements.ts";
import { agreementInForce } from "../disclosure/agreements.ts";
import { canonicalPersons } from "../identity/links.ts";
import { optedOutLearners } from "../rights/directory.ts";
import * as schema from "../schema/index.ts";

/** To whom a snapshot or an export goes that leaves the school, and why. */
export interface SnapshotRecipient {
  /** One of the agreement's representatives, or the person a family named. */
  readonly requester: string;
  readonly party: string;
  /** The kinds of party it is, such as `tutors`. */
  readonly partyClasses?: readonly string[];
  /** The legitimate interest, in words. */
  readonly interest: string;
  readonly agreementId?: string;
}

/** What was settled for one snapshot or export before a row was read. */
export interface SettledConsent {
  /** The agreement it rests on; undefined: the school's own basis, or consent. */
  readonly agreement: AgreementStanding | undefined;
  /** Kinds of data that are open unless a family says no; the others are closed unless a family says yes. */
  readonly openClasses: ReadonlySet<DataClass>;
  /** For each learner whose family decided otherwise: the kinds of data for which she is the exception. */
  readonly exceptions: ReadonlyMap<string, ReadonlySet<DataClass>>;
  /** The answer for one learner (by the id that stands for her) and kind of data, with the decision it rests on. */
  readonly verdict: (personId: string, dataClass: DataClass) => Verdict;
}

/** Whether a kind of data of a learner may be in the snapshot. `personId` is the id that stands for her. */
export function isOpen({ openClasses, exceptions }: SettledConsent, personId: string, dataClass: DataClass): boolean {
  return openClasses.has(dataClass) !== (exceptions.get(personId)?.has(dataClass) === true);
}

/** What a snapshot or an export is for, who gets it, and when that is asked. */
export interface ConsentQuestion {
  readonly purpose: Purpose;
  /** To whom it goes; undefined where it stays in the school. */
  readonly recipient: SnapshotRecipient | undefined;
  readonly now: Date;
  /**
   * Persons (by the ids that stand for them) who are no learners, so that no family decides about them: the staff, who may always
   * be told, and guardians, who may be told where it is open who the guardians are.
   */
  readonly others?: { readonly staff: ReadonlySet<string>; readonly guardians: ReadonlySet<string> };
}

/**
 * Settles whose rows of which kind a snapshot or an export may hold, by the one rule (decide.ts), and lets the transaction see the record
 * that way: a temporary view stands before every table that a decision or a link of identities touches, under the table's
 * own name, so that no query of it can forget that. The views go with the transaction; so do the tables they read:
 *
 * - `snapshot_identity` (person_id, canonical): who stands for whom
 * - `snapshot_exception` (person_id, data_class): see {@link SettledConsent}
 * @param throughEnrolment - every row is reached through the learner's enrolment, as in a snapshot: where that is hidden, nothing
 * else of her needs to be
 * @throws CairnError `FORBIDDEN` when it leaves the school and nobody is named who gets it
 */
export async function showConsented(
  tx: TenantTransaction,
  question: ConsentQuestion,
  { throughEnrolment = true }: { readonly throughEnrolment?: boolean } = {},
): Promise<SettledConsent> {
  const settled = await settleConsent(tx, question);
  await showOnly(tx, settled, await canonicalPersons(tx), throughEnrolment);
  return settled;
}

/**
 * Settles whose rows of which kind a snapshot may hold, and changes nothing of what the transaction sees.
 * @throws CairnError as {@link showConsented}
 */
export async function settleConsent(tx: TenantTransaction, question: ConsentQuestion): Promise<SettledConsent> {
  const { purpose, recipient, now, others = { staff: new Set<string>(), guardians: new Set<string>() } } = question;
  const named = recipient !== undefined && recipient.party.trim() !== "" && recipient.interest.trim() !== "";
  if (!named && !staysInSchool.has(purpose)) {
    throw new CairnError("FORBIDDEN", `expected who gets records for ${purpose} and why, got nobody`, {
      hint: "name the party, its representative, its interest and the agreement, if there is one",
    });
  }
  const on = dayOf(now);
  const agreement =
    uses[purpose].basis !== "study-or-audit" || recipient?.agreementId === undefined
      ? undefined
      : await agreementInForce(tx, { ...recipient, agreementId: recipient.agreementId, on });
  const common: Omit<DecisionRequest, "dataClass" | "majorityOn"> = {
    purpose,
    actor: recipient?.requester ?? "the school",
    party: recipient?.party ?? "the school",
    partyClasses: recipient?.partyClasses ?? [],
    on,
    agreement: agreement?.kind === purpose ? agreement : undefined,
  };
  const decisions = await provisionsFor(tx, purpose);
  const optedOut = purpose === "directory" ? await optedOutLearners(tx, on) : new Set<string>();
  const byDefault = new Map(choosableClasses.map((name) => [name, judge(undefined, { ...common, dataClass: name })]));
  const verdict = (personId: string, dataClass: DataClass): Verdict => {
    const own = decisions.get(personId);
    const known = own === undefined && !optedOut.has(personId) ? byDefault.get(dataClass) : undefined;
    return known ?? judge(own, { ...common, dataClass, directoryOptOut: optedOut.has(personId) });
  };
  const openClasses = new Set(choosableClasses.filter((name) => byDefault.get(name)!.allowed));
  const exceptions = new Map<string, Set<DataClass>>();
  const guardiansOpen = openClasses.has("family");
  for (const personId of new Set([...decisions.keys(), ...optedOut, ...others.staff, ...others.guardians])) {
    const settled = others.staff.has(personId) ? true : others.guardians.has(personId) ? guardiansOpen : undefined;
    const allowed = (name: DataClass): boolean => settled ?? verdict(personId, name).allowed;
    const other = choosableClasses.filter((name) => allowed(name) !== openClasses.has(name));
    if (other.length > 0) exceptions.set(personId, new Set(other));
  }
  return { agreement: common.agreement === undefined ? undefined : agreement, openClasses, exceptions, verdict };
}

const staysInSchool: ReadonlySet<Purpose> = new Set(["school-use", "early-warning", "playlist", "own-access"]);

function judge(decisions: LearnerDecisions | undefined, request: Omit<DecisionRequest, "majorityOn">): Verdict {
  return decide(decisions?.provisions ?? [], { ...request, majorityOn: decisions?.majorityOn ?? null });
}

async function showOnly(
  { sql }: TenantTransaction,
  settled: SettledConsent,
  canonical: ReadonlyMap<string, string>,
  throughEnrolment: boolean,
): Promise<void> {
  const { openClasses } = settled;
  // Who is left out of a snapshot is gone with her enrolment: her other rows hang on nothing, and need no view.
  const pairs = [...settled.exceptions].flatMap(([personId, classes]) => {
    const kept =
      !throughEnrolment || isOpen(settled, personId, "enrolment")
        ? [...classes]
        : [...classes].filter((name) => name === "enrolment");
    return kept.map((name) => [personId, name] as const);
  });
  await sql.unsafe(`
    create temp table snapshot_identity (person_id text primary key, canonical text not null) on commit drop;
    create temp table snapshot_exception (person_id text, data_class text, primary key (person_id, data_class)) on commit drop`);
  await sql`insert into snapshot_identity select * from unnest(${[...canonical.keys()]}::text[], ${[...canonical.values()]}::text[])`;
  await sql`
    insert into snapshot_exception
    select * from unnest(${pairs.map(([personId]) => personId)}::text[], ${pairs.map(([, name]) => name)}::text[])`;
  await sql.unsafe("analyze snapshot_identity; analyze snapshot_exception");
  const touched = new Set(pairs.map(([, name]) => name));
  const views = recordTablesOf().flatMap(({ name, columns }) => {
    const classes: DataClass[] = [
      tableClasses[name],
      ...(sensitiveTables[name] === undefined ? [] : (["screeners"] as const)),
    ];
    const asItIs = canonical.size === 0 && classes.every((one) => openClasses.has(one) && !touched.has(one));
    return asItIs ? [] : [viewOf(name, columns, openClasses)];
  });
  if (views.length > 0) await sql.unsafe(views.join(";\n"));
}

/** A record table as the purpose may see it. Both temporary tables are in it, so that it is dropped with them at the commit. */
function viewOf(name: PersonTable, columns: readonly string[], openClasses: ReadonlySet<DataClass>): string {
  const person = "coalesce(i.canonical, t.person_id)";
  const allowed = (dataClass: DataClass): string =>
    `${openClasses.has(dataClass) ? "not exists" : "exists"} (
       select 1 from snapshot_exception x where x.person_id = ${person} and x.data_class = '${dataClass}')`;
  const sensitive = sensitiveTables[name];
  const own = allowed(tableClasses[name]);
  const where = sensitive === undefined ? own : `case when ${sensitive} then ${allowed("screeners")} else ${own} end`;
  const shown = columns.map((column) => (column === "person_id" ? `${person} as person_id` : `t."${column}"`));
  return `create temp view "${name}" as select ${shown.join(", ")}
    from public."${name}" t left join snapshot_identity i on i.person_id = t.person_id where ${where}`;
}

/** The tables of records about people, with their columns: those whose rows a family can decide about. */
function recordTablesOf(): { name: PersonTable; columns: string[] }[] {
  return Object.values(schema).flatMap((table) => {
    if (!isTable(table)) return [];
    const name = getTableName(table);
    if (!Object.hasOwn(tableClasses, name)) return [];
    if (!choosableClasses.includes(tableClasses[name as PersonTable])) return [];
    return [{ name: name as PersonTable, columns: Object.values(getTableColumns(table)).map((column) => column.name) }];
  });
}
