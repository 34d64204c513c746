import type { Database } from "../../database.ts";
import { anyStrongSystem, buildPersonMap } from "../core/people.ts";
import type { ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import { caliperProfile, mergeCaliper, takeEnvelope } from "./envelope.ts";
import { readEvent } from "./events.ts";

interface WaitingEvent {
  readonly batch_id: string;
  readonly position: number;
  readonly raw: string;
  readonly sensor: string | null;
  readonly known_on: string;
}

/**
 * Tries again the events that were refused because nobody knew their person: those whose person is known now go in, known from the
 * day they came, and wait no longer; the others go on waiting as they are.
 * @returns how many went in, and how many still wait
 */
export async function retryWaiting(
  database: Database,
  { tenantId, receivedAt }: { tenantId: string; receivedAt: Date },
): Promise<{ readonly resolved: number; readonly waiting: number }> {
  let outcome = { resolved: 0, waiting: 0 };
  const described = {
    source: "caliper",
    sourceSystem: { systemName: "waiting events" },
    standard: "Caliper",
    standardVersion: "waiting",
    sha256: "",
  };
  await runImport(database, { tenantId, path: "events", receivedAt, transport: "api" }, described, async (session) => {
    session.useProfile(caliperProfile);
    await buildPersonMap(session);
    const rows = await session.tx.sql<WaitingEvent[]>`
      select r.batch_id, r.position, r.raw, b.source_system ->> 'systemName' as sensor, b.received_at::date as known_on
      from import_refusal r join import_batch b on b.tenant_id = r.tenant_id and b.batch_id = r.batch_id
      where b.standard = 'Caliper' and r.code = 'DANGLING' and not exists (
        select from import_repair p where p.batch_id = r.batch_id and p.position = r.position
      ) order by b.received_at, r.position`;
    const found = await withKnownPeople(session, rows);
    for (const { raw, sensor, known_on } of found) {
      const contents = { data: [JSON.parse(raw) as unknown], sensor, sentOn: null, version: null };
      await takeEnvelope(session, { file: "events", lineOf: () => 1, knownOn: () => known_on }, contents);
    }
    await mergeCaliper(session);
    for (const { batch_id, position } of found) {
      await session.tx.sql`
        insert into import_repair (tenant_id, batch_id, position, repaired_batch_id, repaired_at)
        values (${tenantId}, ${batch_id}, ${position}, ${session.batchId}, ${session.receivedAt})`;
    }
    outcome = { resolved: found.length, waiting: rows.length - found.length };
  });
  return outcome;
}

async function withKnownPeople(session: ImportSession, rows: readonly WaitingEvent[]): Promise<WaitingEvent[]> {
  const people = await session.tx.sql<{ value: string }[]>`
    select value from person_map where system = ${anyStrongSystem} and people = 1`;
  const known = new Set(people.map(({ value }) => value));
  return rows.filter(({ raw }) => known.has(actorOf(raw) ?? ""));
}

function actorOf(raw: string): string | undefined {
  const reading = readEvent(JSON.parse(raw));
  if ("event" in reading) return reading.event.actor;
  if ("answer" in reading) return reading.answer.actor;
  return "survey" in reading ? reading.survey.actor : undefined;
}
