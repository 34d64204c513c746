import type { TenantTransaction } from "../../database.ts";
import { strongSystems } from "../../import/core/people.ts";
import { zoneOffset } from "../../import/core/time-zone.ts";
import { isUuid, uuidOfName } from "../../import/frameworks/identity.ts";
import type { JsonObject } from "../../import/json.ts";
import { isIri } from "../../import/xapi/checks.ts";

/** Whose activity goes out, and under which name the receiver knows people. */
export interface StatementExport {
  /** Who may be shown to the receiver has been decided before: nobody else is in the answer. */
  readonly personIds: readonly string[];
  /** The home page under which the receiver has the district's own numbers as account names. */
  readonly homePage: string;
  /** The district's: its wall clock becomes moments again. */
  readonly timeZone: string;
}

interface EventRow {
  readonly record_key: string;
  readonly source_record_id: string;
  readonly version_id: number;
  readonly account: string;
  readonly verb: string;
  readonly activity: string | null;
  readonly object: string | null;
  readonly at: string;
  readonly seconds: number | null;
  readonly sensor: string | null;
  readonly score: number | null;
  readonly success: boolean | null;
  readonly completion: boolean | null;
  readonly session: string | null;
}

const page = 1_000; // rows in memory at once

/**
 * What people did as xAPI statements, valid in 1.0.3 and 2.0, in the order the record has it. The same event has the same id at
 * every export. People without a number of the district, the state or the school are left out: the receiver could not tell them.
 */
export async function* exportStatements(tx: TenantTransaction, options: StatementExport): AsyncGenerator<JsonObject> {
  for (let after = 0; ; ) {
    const rows = await tx.sql<EventRow[]>`
      with account as (
        select distinct on (person_id) person_id, value from (
          select distinct on (record_key) system, value, person_id, retracted_at from identifier
          where person_id = any(${[...options.personIds]}) order by record_key, known_on desc, version_id desc
        ) latest where retracted_at is null and system = any(${[...strongSystems]})
        order by person_id, array_position(${[...strongSystems]}, system), value
      )
      select e.record_key, e.source_record_id, e.version_id, a.value as account, e.verb, e.activity, e.object, e.at, e.seconds, e.sensor,
        e.score, e.success, e.completion, e.session
      from activity_event e join account a on a.person_id = e.person_id
      where e.version_id > ${after} and e.retracted_at is null and not exists (
        select from activity_event n where n.record_key = e.record_key and (n.known_on, n.version_id) > (e.known_on, e.version_id)
      ) order by e.version_id limit ${page}`;
    for (const row of rows) yield statementOf(row, options);
    if (rows.length < page) return;
    after = Number(rows.at(-1)!.version_id);
  }
}

/** Verbs of ADL's vocabulary; others are cairn's own. */
const adlVerbs = new Set(
  (
    "answered asked attempted attended commented completed exited experienced failed imported initialized interacted launched " +
    "logged-in logged-out mastered passed preferred progressed registered responded resumed scored shared suspended terminated"
  ).split(" "),
);
const cmi5Verbs = new Set(["abandoned", "satisfied", "waived"]);

function statementOf(row: EventRow, { homePage, timeZone }: StatementExport): JsonObject {
  const result = given({
    score: row.score === null ? null : { scaled: row.score },
    success: row.success,
    completion: row.completion,
    duration: row.seconds === null || row.seconds < 0 ? null : `PT${fixed(row.seconds)}S`,
  });
  const context = given({
    registration: row.session !== null && isUuid(row.session) ? row.session : null,
    platform: row.sensor,
  });
  return given({
    id: isUuid(row.source_record_id)
      ? row.source_record_id.toLowerCase()
      : uuidOfName(`urn:cairn:event:${row.record_key}`),
    actor: { objectType: "Agent", account: { homePage, name: row.account } },
    verb: { id: verbAddress(row.verb) },
    object: { objectType: "Activity", id: activityAddress(row) },
    result: Object.keys(result).length === 0 ? null : result,
    context: Object.keys(context).length === 0 ? null : context,
    timestamp: momentOf(row.at, timeZone),
  });
}

function verbAddress(verb: string): string {
  if (adlVerbs.has(verb)) return `http://adlnet.gov/expapi/verbs/${verb}`;
  return cmi5Verbs.has(verb) ? `https://w3id.org/xapi/adl/verbs/${verb}` : `urn:cairn:verb:${encodeURIComponent(verb)}`;
}

function activityAddress({ object, activity }: EventRow): string {
  const known = [object, activity].find((name) => isIri(name));
  if (known !== undefined && known !== null) return known;
  return activity === null ? "urn:cairn:activity:platform" : `urn:cairn:activity:${encodeURIComponent(activity)}`;
}

/** Seconds without an exponent, which a duration does not know. */
function fixed(seconds: number): string {
  return seconds.toFixed(3).replace(/\.?0+$/, "");
}

/** A wall-clock time with the offset the district's zone had then. An hour that occurs twice is its first occurrence. */
function momentOf(at: string, timeZone: string): string {
  const wall = Date.parse(`${at.replace(" ", "T")}Z`);
  const earlier = zoneOffset(timeZone, wall - zoneOffset(timeZone, wall));
  const before = zoneOffset(timeZone, wall - 86_400_000);
  const offset = zoneOffset(timeZone, wall - before) === before ? before : earlier;
  const minutes = Math.abs(offset) / 60_000;
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  const zone = offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
  return `${new Date(wall).toISOString().slice(0, 23)}${zone}`;
}

function given(members: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
