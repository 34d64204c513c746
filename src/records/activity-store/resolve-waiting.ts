import type { Database } from "../database.ts";
import { runImport } from "../import/core/session.ts";
import type { JsonObject } from "../import/json.ts";
import { agentHash, identifierOf } from "../import/xapi/agent-rules.ts";
import { findPeople } from "./actors.ts";
import { lockForWriting } from "./lock.ts";
import { stageEvidence } from "./stage-evidence.ts";

const batch = 1_000; // statements in memory at once

/**
 * Looks again for the persons of statements that came before the roster knew them; what they leave as evidence is known from the
 * day they came.
 * @returns how many have found their person, and how many still wait
 */
export async function resolveWaiting(
  database: Database,
  { tenantId, receivedAt }: { tenantId: string; receivedAt: Date },
): Promise<{ readonly resolved: number; readonly waiting: number }> {
  let resolved = 0;
  let waiting = 0;
  const described = {
    source: "xapi",
    sourceSystem: { systemName: "xapi" },
    standard: "xAPI",
    standardVersion: "waiting",
    sha256: "",
  };
  await runImport(
    database,
    { tenantId, path: "statements", receivedAt, transport: "api" },
    described,
    async (session) => {
      await lockForWriting(session.tx);
      for (let after = 0; ; ) {
        session.check();
        const rows = await session.tx.sql<Waiting[]>`
        select version_id, statement_id, document, known_on, voided_by from statement
        where person_id is null and version_id > ${after} order by version_id limit ${batch}`;
        if (rows.length === 0) break;
        after = Number(rows.at(-1)!.version_id);
        const people = await findPeople(
          session.tx,
          rows.map(({ document }) => document.actor as JsonObject),
        );
        const found = rows.flatMap((row) => {
          const actor = row.document.actor as JsonObject;
          const identifier = actor.objectType === "Group" ? undefined : identifierOf(actor);
          const personId = identifier === undefined ? undefined : people.get(agentHash(identifier));
          return personId === undefined ? [] : [{ ...row, personId }];
        });
        for (const { statement_id, personId } of found) {
          await session.tx.sql`update statement set person_id = ${personId} where statement_id = ${statement_id}`;
        }
        const kept = found.filter(({ voided_by }) => voided_by === null);
        await stageEvidence(
          session,
          kept.map(({ statement_id: id, personId, document, known_on: knownOn }) => ({
            id,
            personId,
            document,
            knownOn,
          })),
        );
        resolved += found.length;
        waiting += rows.length - found.length;
      }
    },
  );
  return { resolved, waiting };
}

interface Waiting {
  readonly version_id: number;
  readonly statement_id: string;
  readonly document: JsonObject;
  readonly known_on: string;
  readonly voided_by: string | null;
}
