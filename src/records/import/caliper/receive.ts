import { createHash } from "node:crypto";
import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import { inTenant } from "../../database.ts";
import { anyStrongSystem, strongSystems } from "../core/people.ts";
import type { ImportReport, Refusal } from "../core/report.ts";
import type { ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import { isObject, parseForeignJson } from "../json.ts";
import { personName } from "./entities.ts";
import { caliperProfile, contentsOf, mergeCaliper, takeEnvelope } from "./envelope.ts";

/** An envelope that was posted. */
export interface PostedEnvelope {
  readonly tenantId: string;
  /** The JSON text. */
  readonly body: string;
  readonly receivedAt: Date;
}

/** What became of the events of a posted envelope. */
export interface EnvelopeReceipt {
  readonly batchId: string;
  readonly events: number;
  readonly stored: number;
  readonly unchanged: number;
  /** Events whose person is not known (yet): they are kept for repair. */
  readonly waiting: number;
  /** Events that cannot be read, by their place in the envelope (from 0); kept for repair. The first 20. */
  readonly refused: readonly {
    readonly event: number;
    readonly path: string | null;
    readonly code: string;
    readonly reason: string;
  }[];
  readonly refusedCount: number;
  readonly leniencies: readonly { readonly what: string; readonly count: number }[];
}

const file = "envelope";

/**
 * Takes in one posted envelope of Caliper 1.1 or 1.2: the good events go in, the others are kept with the reason; the same envelope
 * twice changes nothing.
 * @throws CairnError `BAD_INPUT` when the body is no JSON, or holds neither events nor entities
 */
export async function receiveCaliper(
  database: Database,
  { tenantId, body, receivedAt }: PostedEnvelope,
): Promise<EnvelopeReceipt> {
  const envelope = parse(body);
  const contents = contentsOf(envelope);
  if (contents.data.length === 0) throw unfit("at least one event or entity in data");
  const delivery = {
    source: "caliper",
    sourceSystem: { systemName: contents.sensor ?? "caliper" },
    standard: "Caliper",
    standardVersion: "1.1 and 1.2",
    sha256: createHash("sha256").update(body).digest("hex"),
  };
  const today = receivedAt.toISOString().slice(0, 10);
  const sentOn = contents.sentOn !== null && contents.sentOn < today ? contents.sentOn : today;
  const report = await runImport(
    database,
    { tenantId, path: file, receivedAt, transport: "api" },
    delivery,
    async (session) => {
      session.useProfile(caliperProfile);
      await mapActors(session, contents.data);
      const knownOn = (day: string): string => (day > sentOn ? day : sentOn);
      await takeEnvelope(session, { file, lineOf: (index) => index + 1, knownOn }, contents);
      await mergeCaliper(session);
    },
  );
  return receiptOf(report, await countWaiting(database, tenantId, report));
}

function parse(body: string): unknown {
  try {
    const value = parseForeignJson(body);
    if (isObject(value) || Array.isArray(value)) return value;
  } catch {
    // told below: the parser's own words quote the body, which may name a learner
  }
  throw unfit("an envelope as JSON");
}

function unfit(expected: string): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected}, got something else`, {
    hint: "send {sensor, sendTime, dataVersion, data: [events]}",
  });
}

/** `person_map` for the actors of this envelope alone: a whole district's map for one event would cost more than the event. */
async function mapActors(session: ImportSession, data: readonly unknown[]): Promise<void> {
  const { sql } = session.tx;
  const names = data.filter(isObject).flatMap(({ actor, object, session }) => {
    const owners = [object, session].filter(isObject).flatMap((holder) => [holder.assignee, holder.user, holder.actor]);
    return [actor, ...owners].flatMap((person) => personName(person) ?? []);
  });
  await sql`create temp table person_map (system text, value text, person_id text, people int) on commit drop`;
  await sql`
    insert into person_map
    select ${anyStrongSystem}, value, min(person_id), count(distinct person_id) from (
      select distinct on (record_key) system, value, person_id, retracted_at from identifier
      where record_key in (
        select record_key from identifier where system = any(${[...strongSystems]}) and value = any(${[...new Set(names)]})
      ) order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null and system = any(${[...strongSystems]}) group by value`;
}

/** Of the refused events, those that wait for a person: they are well-formed. */
async function countWaiting(database: Database, tenantId: string, report: ImportReport): Promise<number> {
  return inTenant(database, tenantId, async ({ sql }) => {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from import_refusal where batch_id = ${report.batchId} and code in ('DANGLING', 'AMBIGUOUS')`;
    return row?.count ?? 0;
  });
}

const isMalformed = ({ code }: Refusal): boolean => code !== "DANGLING" && code !== "AMBIGUOUS";

function receiptOf(report: ImportReport, waiting: number): EnvelopeReceipt {
  const counts = report.files.find((one) => one.file === file) ?? {
    rows: 0,
    new: 0,
    changed: 0,
    unchanged: 0,
    refused: 0,
  };
  return {
    batchId: report.batchId,
    events: counts.rows,
    stored: counts.new + counts.changed,
    unchanged: counts.unchanged,
    waiting,
    refused: report.refusals
      .filter(isMalformed)
      .map(({ line, column, code, reason }) => ({ event: line - 1, path: column, code, reason })),
    refusedCount: counts.refused - waiting,
    leniencies: report.leniencies.map(({ what, count }) => ({ what, count })),
  };
}
