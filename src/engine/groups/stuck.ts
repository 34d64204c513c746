import { answersOf } from "../../records/alerts/evidence.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";
import { addDays } from "../alerts/days.ts";
import { silencedLearners } from "../alerts/refusals.ts";
import { rulesInForce } from "../alerts/settings.ts";
import type { StuckLearner } from "./form.ts";
import { standingOf } from "./form.ts";

/**
 * Who of these persons is stuck on what, by standard, under the id that stands for each learner. Whose family refuses early
 * warning is not looked at.
 * @param ids - every id of the learners
 * @param standard - only this one; every standard when absent
 */
export async function findStuck(
  tx: TenantTransaction,
  ids: readonly string[],
  standard: string | undefined,
  now: Date,
): Promise<ReadonlyMap<string, readonly StuckLearner[]>> {
  const { of, withinDays } = (await rulesInForce(tx)).rules["wrong-answers"];
  const canonical = await canonicalPersons(tx);
  const silenced = await silencedLearners(
    tx,
    ids.map((personId) => ({ personId })),
    now,
  );
  const logs = new Map<string, Map<string, { happenedAt: string; correct: number }>>();
  for (const answer of await answersOf(tx, ids, standard === undefined ? undefined : [standard])) {
    const name = JSON.stringify([answer.standard, canonical.get(answer.personId) ?? answer.personId]);
    const log = logs.get(name) ?? new Map<string, { happenedAt: string; correct: number }>();
    logs.set(name, log);
    if (answer.retracted) log.delete(answer.key);
    else log.set(answer.key, answer);
  }
  const stuck = new Map<string, StuckLearner[]>();
  for (const [name, log] of logs) {
    const [about, personId] = JSON.parse(name) as [string, string];
    const standing = standingOf([...log.values()], { of, since: addDays(dayOf(now), -withinDays) });
    if (standing === undefined || silenced(personId, "practice")) continue;
    stuck.set(about, [...(stuck.get(about) ?? []), { personId, ...standing }]);
  }
  return stuck;
}
