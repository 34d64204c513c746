import { randomUUID } from "node:crypto";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import type { AccessNote } from "../../access/accesses.ts";
import { accessWithin } from "../../access/accesses.ts";
import type { Cairn } from "../../runtime.ts";
import { overridesInForce } from "../overrides.ts";
import type { PlaylistPolicy } from "../policy.ts";
import { checkPolicy, defaultPlaylistPolicy } from "../policy.ts";
import type { PlaylistAsk } from "./ask.ts";
import { writeBehind } from "./behind.ts";
import type { LivePlaylist } from "./compose.ts";
import { composeList } from "./compose.ts";
import { standingOf } from "./keep.ts";
import type { LearnerIds } from "./learner.ts";
import { learnerOfNumber, playlistConsent, situationOf } from "./learner.ts";
import type { LiveModels } from "./models.ts";
import { withLiveModels } from "./models.ts";
import { workOutStanding } from "./standing.ts";

/**
 * A learner's next activities, from what is known at this moment, and the log line of how they were chosen, in one
 * transaction.
 * @param access - who is shown them: the line of the log of accesses goes with the same transaction
 * @throws CairnError `NOT_FOUND` when the learner is unknown, not enrolled today, or the family decided against playlists (a caller
 * may not learn which), or the district is not registered; `BAD_INPUT` for a goal that names nothing of the library
 */
export function nextPlaylist(
  cairn: Cairn,
  tenantId: string,
  ask: PlaylistAsk,
  policy: PlaylistPolicy = defaultPlaylistPolicy,
  access?: AccessNote,
): Promise<LivePlaylist> {
  checkPolicy(policy);
  return withLiveModels(cairn, tenantId, async (tx, models) => {
    // The line of the log may be lost with the machine's power; whoever waits for a list does not wait for the disk.
    const [learner] = await Promise.all([
      learnerOfNumber(tx, ask.learner),
      tx.sql`select set_config('synchronous_commit', 'off', true)`,
    ]);
    return playlistFor(cairn, tx, models, learner, ask, { policy, access });
  });
}

/** The same inside a transaction of {@link withLiveModels}, for a learner who has been looked up. */
export async function playlistFor(
  cairn: Cairn,
  tx: TenantTransaction,
  models: LiveModels,
  learner: LearnerIds | undefined,
  ask: PlaylistAsk,
  { policy = defaultPlaylistPolicy, access }: { policy?: PlaylistPolicy; access?: AccessNote | undefined } = {},
): Promise<LivePlaylist> {
  const now = cairn.now();
  if (learner === undefined) throw nobody(now);
  const [situation, known] = await Promise.all([
    situationOf(tx, learner.ids, now),
    standingOf(cairn.database, tx, learner, models, now),
  ]);
  const { hasDecisions, hasOverrides, isEnrolled, grade } = situation;
  const [allowed, overrides] = await Promise.all([
    hasDecisions ? playlistConsent(tx, learner, now) : () => true,
    hasOverrides ? overridesInForce(tx, learner.ids, now) : [],
  ]);
  if (!isEnrolled || !allowed("enrolment")) throw nobody(now);
  // What is remembered holds everything: where a family keeps something back, the rest is read for this request alone.
  const whole = allowed("practice") && allowed("grades");
  const standing = whole ? known : await workOutStanding(tx, learner.ids, models, known.version, allowed);
  const context = { grade, now, allowed, policy, decisionId: randomUUID() };
  const { playlist, minutes, places } = composeList(models, standing, ask, overrides, context);
  writeBehind(
    tx,
    tx.sql`
    insert into playlist_decision (tenant_id, decision_id, person_id, policy, run_id, standing_version, minutes, seed, places, decided_at)
    values (${tx.tenantId}, ${context.decisionId}, ${learner.personId}, ${policy.id}, ${models.runId ?? models.masteryId},
      ${standing.version}, ${minutes}, ${context.decisionId}, ${JSON.stringify(places)}::jsonb, ${now.toISOString()})`,
  );
  if (access !== undefined) {
    writeBehind(tx, accessWithin(tx, access, { personId: learner.personId, runId: models.runId }, now));
  }
  return playlist;
}

const nobody = (now: Date): CairnError =>
  new CairnError("NOT_FOUND", "expected a learner who gets playlists, got none of that number", {
    hint: `check the district's number of the learner; not everybody is enrolled on ${now.toISOString().slice(0, 10)} or takes part`,
  });
