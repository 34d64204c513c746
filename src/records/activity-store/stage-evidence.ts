import type { TenantTransaction } from "../database.ts";
import type { ImportSession } from "../import/core/session.ts";
import type { StagedValue } from "../import/core/staging.ts";
import { readMoment } from "../import/core/values.ts";
import { idInAddress } from "../import/frameworks/identity.ts";
import type { JsonObject } from "../import/json.ts";
import type { Evidence } from "../import/xapi/evidence.ts";
import { evidenceOf } from "../import/xapi/evidence.ts";
import { evidenceTargets } from "./targets.ts";

/** A statement whose person is known. */
export interface OwnedStatement {
  readonly id: string;
  readonly personId: string;
  readonly document: JsonObject;
  /** The day the first receiver had it: what was known when. */
  readonly knownOn: string;
  /** It has been voided: what it left is taken back. */
  readonly retracted?: boolean;
}

/** The file name under which statements stand in reports. */
export const statementsFile = "statements";

/** Stages and merges what statements leave as evidence; the same statement again changes nothing. */
export async function stageEvidence(session: ImportSession, statements: readonly OwnedStatement[]): Promise<void> {
  if (statements.length === 0) return;
  const mastery = await masteryScores(session.tx, statements);
  const read = statements.flatMap((statement) => {
    const object = statement.document.object as JsonObject;
    const readAt = (text: string): string | undefined => readMoment(text, session.timeZone);
    const evidence = evidenceOf(statement.document, { masteryScore: mastery.get(String(object.id)), readAt });
    return evidence === undefined ? [] : [{ statement, evidence }];
  });
  const standards = await standardsNamed(
    session.tx,
    read.map(({ evidence }) => evidence),
  );
  for (const { statement, evidence } of read) {
    const target = evidenceTargets[evidence.table];
    const stage = await session.stage(target, { secondary: true });
    const at = evidence.table === "activity_event" ? evidence.at : evidence.answeredAt;
    await stage.add({
      file: statementsFile,
      line: 1,
      raw: "", // the statement itself is kept
      id: statement.id,
      modifiedOn: null,
      ownDate: statement.knownOn,
      validFrom: at.slice(0, 10),
      retracted: statement.retracted ?? false,
      values: valuesOf(statement.personId, evidence, standards),
    });
  }
  await session.merge(evidenceTargets.activity_event);
  await session.merge(evidenceTargets.item_response);
}

function valuesOf(personId: string, evidence: Evidence, standards: ReadonlyMap<string, string>): StagedValue[] {
  if (evidence.table === "activity_event") {
    const { activity, verb, kind, at, seconds, sensor, object, score, success, completion, session } = evidence;
    return [personId, activity, verb, kind, at, seconds, 1, sensor, object, score, success, completion, session];
  }
  const { item, answeredAt, correct, attempts, hints, seconds } = evidence;
  const standard = evidence.alignedWith.map((address) => standards.get(address)).find((known) => known !== undefined);
  return [personId, item, standard ?? null, answeredAt, correct, attempts, hints, seconds];
}

/** cmi5: from which scaled score the activities of these statements count as passed. */
async function masteryScores(
  tx: TenantTransaction,
  statements: readonly OwnedStatement[],
): Promise<Map<string, number>> {
  const ids = [...new Set(statements.map(({ document }) => String((document.object as JsonObject).id)))];
  const rows = await tx.sql<{ activity: string; mastery_score: number }[]>`
    select activity, mastery_score from (
      select distinct on (record_key) activity, mastery_score, retracted_at from activity where activity = any(${ids})
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null and mastery_score is not null`;
  return new Map(rows.map(({ activity, mastery_score }) => [activity, mastery_score]));
}

/** The standards of the record among the addresses that answers are tied to, by address. */
async function standardsNamed(tx: TenantTransaction, evidence: readonly Evidence[]): Promise<Map<string, string>> {
  const addresses = [
    ...new Set(evidence.flatMap((entry) => (entry.table === "item_response" ? entry.alignedWith : []))),
  ];
  if (addresses.length === 0) return new Map();
  const ids = addresses.flatMap((address) => idInAddress(address) ?? []);
  const rows = await tx.sql<{ standard: string; uri: string | null }[]>`
    select distinct standard, uri from standard where uri = any(${addresses}) or standard = any(${[...ids, ...addresses]})`;
  const known = new Map(
    rows.flatMap(({ standard, uri }) => [
      [standard, standard] as const,
      ...(uri === null ? [] : [[uri, standard] as const]),
    ]),
  );
  return new Map(
    addresses.flatMap((address) => {
      const standard = known.get(address) ?? known.get(idInAddress(address) ?? "");
      return standard === undefined ? [] : [[address, standard] as const];
    }),
  );
}
