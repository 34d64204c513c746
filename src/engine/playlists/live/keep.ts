import { isInOrder } from "../../../models/mastery/online/replay.ts";
import type { Observation } from "../../../models/mastery/online/tracker.ts";
import type { Database, TenantTransaction } from "../../../records/database.ts";
import { writeBehind } from "./behind.ts";
import type { LearnerIds } from "./learner.ts";
import type { LiveModels } from "./models.ts";
import type { Standing, StandingRow } from "./standing.ts";
import { restoreStanding, storeStanding, workOutStanding } from "./standing.ts";

/**
 * Standings this process remembers, by learner. The record store's version decides: one of another version is not used, so
 * several processes serve the same learners and none is ahead of what was committed.
 */
const remembered = new WeakMap<Database, Map<string, Standing>>();
const MOST_REMEMBERED = 20_000; // about 100 MB at 500 answers on 50 standards each

/** The standings a process remembers of a record store. */
function memoryOf(database: Database): Map<string, Standing> {
  const known = remembered.get(database);
  if (known !== undefined) return known;
  const memory = new Map<string, Standing>();
  remembered.set(database, memory);
  return memory;
}

/** Standings a transaction has written and not committed yet, by learner: they are its own, and no other request may see them. */
const uncommitted = new WeakMap<TenantTransaction, Map<string, Standing>>();

function ownStandings(tx: TenantTransaction): Map<string, Standing> {
  const known = uncommitted.get(tx) ?? new Map<string, Standing>();
  uncommitted.set(tx, known);
  return known;
}

const nameOf = (tenantId: string, personId: string): string => `${tenantId}\n${personId}`;

/** Keeps a standing for the next request, the newest of a learner; those that were not asked for longest go first. */
export function remember(database: Database, tenantId: string, personId: string, standing: Standing): void {
  const memory = memoryOf(database);
  const name = nameOf(tenantId, personId);
  const known = memory.get(name);
  if (known !== undefined && known.trackerId === standing.trackerId && known.version > standing.version) return;
  memory.delete(name);
  memory.set(name, standing);
  if (memory.size > MOST_REMEMBERED) memory.delete(memory.keys().next().value!);
}

/**
 * The standing of a learner: remembered, else as stored, else worked out from the record. What was worked out is stored in the
 * same transaction.
 */
export async function standingOf(
  database: Database,
  tx: TenantTransaction,
  learner: LearnerIds,
  models: LiveModels,
  now: Date,
): Promise<Standing> {
  const { personId } = learner;
  // What this transaction wrote itself may still be rolled back: it is used here, and not remembered.
  const own = ownStandings(tx).get(personId);
  if (own !== undefined) return own;
  const known = memoryOf(database).get(nameOf(tx.tenantId, personId));
  const [row] = await tx.sql<(StandingRow & { changed: boolean })[]>`
    select s.person_id as "personId", s.version, s.model_id as "trackerId",
      case when s.version = ${known?.version ?? 0} and s.model_id = ${known?.trackerId ?? ""} then null else s.state end as state,
      exists (select 1 from standing_change c where c.person_id = s.person_id) as changed
    from learner_standing s where s.person_id = ${personId}`;
  if (row !== undefined && !row.changed && row.trackerId === models.trackerId) {
    if (row.state === null && known !== undefined) return known;
    const standing = restoreStanding(row, models);
    remember(database, tx.tenantId, personId, standing);
    return standing;
  }
  return renewStanding(tx, learner, models, now);
}

/** Works a standing out anew and stores it. One process at a time; it is remembered when it is read next, after the commit. */
async function renewStanding(
  tx: TenantTransaction,
  { personId, ids }: LearnerIds,
  models: LiveModels,
  now: Date,
): Promise<Standing> {
  await lockLearner(tx, personId);
  // First the lines, then the record: what comes in between has a line that stays.
  await tx.sql`delete from standing_change where person_id = ${personId}`;
  const worked = await workOutStanding(tx, ids, models, 0);
  const state = storeStanding(worked, models);
  const [row] = await tx.sql<{ version: number }[]>`
    insert into learner_standing (tenant_id, person_id, version, model_id, state, updated_at)
    values (${tx.tenantId}, ${personId}, 1, ${models.trackerId}, ${state}::jsonb, ${now.toISOString()})
    on conflict (tenant_id, person_id) do update
      set version = learner_standing.version + 1, model_id = excluded.model_id, state = excluded.state, updated_at = excluded.updated_at
    returning version`;
  const renewed = { ...worked, version: row!.version };
  ownStandings(tx).set(personId, renewed);
  return renewed;
}

/** One request at a time about a learner: of two the second sees what the first wrote. */
export async function lockLearner(tx: TenantTransaction, personId: string): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.responses'), hashtext(${personId}))`;
}

/** Stored standings of learners, locked for this transaction. */
export async function lockedStandings(
  tx: TenantTransaction,
  personIds: readonly string[],
): Promise<(StandingRow & { changed: boolean })[]> {
  return tx.sql<(StandingRow & { changed: boolean })[]>`
    select s.person_id as "personId", s.version, s.model_id as "trackerId", s.state,
      exists (select 1 from standing_change c where c.person_id = s.person_id) as changed
    from learner_standing s where s.person_id = any(${[...personIds]}) order by s.person_id for update of s`;
}

/**
 * Carries a stored standing on by answers that were just written, and stores it: constant time an answer. What cannot be
 * carried on (a late answer, another model, a change from elsewhere) is left for the next read to work out, and a line says so.
 * @returns the standing to remember once the transaction is committed; undefined when there is none
 */
export async function carryOn(
  tx: TenantTransaction,
  row: StandingRow & { readonly changed: boolean },
  observations: readonly Observation[],
  models: LiveModels,
  now: Date,
): Promise<Standing | undefined> {
  const { personId } = row;
  const standing = row.changed || row.trackerId !== models.trackerId ? undefined : restoreStanding(row, models);
  if (standing === undefined || !observeAll(standing, observations, models)) {
    writeBehind(tx, tx.sql`insert into standing_change (tenant_id, person_id) values (${tx.tenantId}, ${personId})`);
    return undefined;
  }
  const carried = { ...standing, version: row.version + 1 };
  writeBehind(
    tx,
    tx.sql`
    update learner_standing set version = ${carried.version}, state = ${storeStanding(carried, models)}::jsonb, updated_at = ${now.toISOString()}
    where person_id = ${personId}`,
  );
  ownStandings(tx).set(personId, carried);
  return carried;
}

function observeAll(standing: Standing, observations: readonly Observation[], { tracker }: LiveModels): boolean {
  for (const observation of observations) {
    if (!isInOrder(standing.tracker, observation)) return false;
    tracker.observe(standing.tracker, observation);
    standing.lastStandard = tracker.standards[observation.standard]!;
  }
  return true;
}

/**
 * Takes away lines that nobody needs: of learners without a standing, and all but the newest of a learner. Lines that are not
 * committed yet are not seen and stay.
 */
export async function clearStandingChanges(tx: TenantTransaction): Promise<void> {
  await tx.sql`
    delete from standing_change c where not exists (select 1 from learner_standing s where s.person_id = c.person_id)
      or exists (select 1 from standing_change n where n.person_id = c.person_id and n.change_id > c.change_id)`;
}
