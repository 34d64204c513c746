import type { AnswerRecord } from "../../records/alerts/evidence.ts";
import { absencesOf, answeredSince, answersOf, rankedRuns, weeksOfWork } from "../../records/alerts/evidence.ts";
import type { AlertToRaise, StoredAlert } from "../../records/alerts/store.ts";
import { insertAlerts } from "../../records/alerts/store.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";
import type { Cairn } from "../runtime.ts";
import { queueMessages } from "./outbox.ts";
import { silencedLearners } from "./refusals.ts";
import { absences } from "./rules/absences.ts";
import { capacityCrossings } from "./rules/capacity-line.ts";
import { decliningEffort, schoolWeeks } from "./rules/declining-effort.ts";
import type { Episode } from "./rules/episodes.ts";
import type { RuleName } from "./rules/rules.ts";
import { ruleData } from "./rules/rules.ts";
import { wrongAnswers } from "./rules/wrong-answers.ts";
import type { DistrictRules } from "./settings.ts";
import { rulesInForce } from "./settings.ts";
import { silencesKnown } from "./silent.ts";

/** What was learned longer ago is history when nobody looked meanwhile: an alert about it would help nobody. */
const RAISE_WITHIN_DAYS = 30;
const LEARNERS_AT_ONCE = 500; // of whom all answers on standards are in memory
const DAY_MILLISECONDS = 86_400_000;

/** Whose records came in, and on what: all of it is looked at, and nothing else. */
export interface NewAnswers {
  readonly personIds: readonly string[];
  readonly standards: readonly string[];
}

/**
 * Raises what answers that have just come in give reason to, in the transaction that brought them.
 * @returns the alerts that are new
 */
export async function raiseForAnswers(tx: TenantTransaction, news: NewAnswers, now: Date): Promise<StoredAlert[]> {
  const [inForce, canonical] = await Promise.all([rulesInForce(tx), canonicalPersons(tx)]);
  if (inForce.rules["wrong-answers"].tell.length === 0) return [];
  const own = new Set(news.personIds.map((id) => canonical.get(id) ?? id));
  const linked = [...canonical].flatMap(([id, stands]) => (own.has(stands) ? [id] : []));
  const answers = await answersOf(tx, [...new Set([...news.personIds, ...linked])], news.standards);
  return keep(tx, inForce, fromAnswers(answers, canonical, inForce), now);
}

/** How many alerts of each rule are new. */
export type AlertCounts = Readonly<Record<RuleName, number>>;

/**
 * Looks at everything a district's rules are about and raises what is new: after an import, after a run of scores, every
 * night. However often and whenever it runs, an episode is told once.
 */
export function checkAlerts(cairn: Cairn, tenantId: string): Promise<AlertCounts> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const now = cairn.now();
    const inForce = await rulesInForce(tx);
    const canonical = await canonicalPersons(tx);
    const found = [
      ...(await answerAlerts(tx, canonical, inForce, now)),
      ...(await absenceAlerts(tx, canonical, inForce)),
      ...(await effortAlerts(tx, canonical, inForce, now)),
      ...(await capacityAlerts(tx, canonical, inForce)),
      ...(await silenceAlerts(tx, inForce, now)),
    ];
    const counts = Object.fromEntries(Object.keys(ruleData).map((rule) => [rule, 0])) as Record<RuleName, number>;
    for (const { rule } of await keep(tx, inForce, found, now)) counts[rule as RuleName]++;
    return counts;
  });
}

/** An episode and whose it is; the rest of an alert follows from its rule. */
interface Found extends Episode {
  readonly rule: RuleName;
  readonly personId: string | null;
  readonly subject: string;
}

async function answerAlerts(
  tx: TenantTransaction,
  canonical: ReadonlyMap<string, string>,
  inForce: DistrictRules,
  now: Date,
): Promise<Found[]> {
  const since = new Date(now.getTime() - RAISE_WITHIN_DAYS * DAY_MILLISECONDS);
  const active = await answeredSince(tx, since);
  const learners = new Set(active.map((id) => canonical.get(id) ?? id));
  const groups = [...learners].map((id) => [id, ...[...canonical].flatMap(([own, as]) => (as === id ? [own] : []))]);
  const found: Found[] = [];
  for (let from = 0; from < groups.length; from += LEARNERS_AT_ONCE) {
    const ids = new Set(groups.slice(from, from + LEARNERS_AT_ONCE).flat());
    found.push(...fromAnswers(await answersOf(tx, [...ids]), canonical, inForce));
  }
  return found;
}

function fromAnswers(
  answers: readonly AnswerRecord[],
  canonical: ReadonlyMap<string, string>,
  { rules }: DistrictRules,
): Found[] {
  const logs = groupBy(answers, ({ personId, standard }) =>
    JSON.stringify([canonical.get(personId) ?? personId, standard]),
  );
  return [...logs].flatMap(([key, log]) => {
    const [personId, subject] = JSON.parse(key) as [string, string];
    const episodes = wrongAnswers(log, rules["wrong-answers"]);
    return episodes.map((episode) => ({ ...episode, rule: "wrong-answers" as const, personId, subject }));
  });
}

async function absenceAlerts(
  tx: TenantTransaction,
  canonical: ReadonlyMap<string, string>,
  { rules }: DistrictRules,
): Promise<Found[]> {
  const logs = groupBy(await absencesOf(tx), ({ personId }) => canonical.get(personId) ?? personId);
  return [...logs].flatMap(([personId, log]) =>
    absences(log, rules.absences).map((episode) => ({
      ...episode,
      rule: "absences" as const,
      personId,
      subject: "attendance",
    })),
  );
}

async function effortAlerts(
  tx: TenantTransaction,
  canonical: ReadonlyMap<string, string>,
  { rules }: DistrictRules,
  now: Date,
): Promise<Found[]> {
  const rule = rules["declining-effort"];
  const records = await weeksOfWork(tx, rule.graceDays);
  const byWeek = groupBy(records, ({ week }) => week);
  const active = [...byWeek].map(([week, rows]) => ({ week, learners: rows.length }));
  const weeks = schoolWeeks(active.sort((a, b) => (a.week < b.week ? -1 : 1)));
  const byLearner = groupBy(records, ({ personId }) => canonical.get(personId) ?? personId);
  return [...byLearner].flatMap(([personId, rows]) => {
    const work = [...groupBy(rows, ({ week }) => week)].map(([week, same]) => ({
      week,
      answers: same.reduce((sum, { answers }) => sum + answers, 0),
    }));
    const episodes = decliningEffort(work, weeks, now.toISOString(), rule);
    return episodes.map((episode) => ({
      ...episode,
      rule: "declining-effort" as const,
      personId,
      subject: "practice",
    }));
  });
}

async function capacityAlerts(
  tx: TenantTransaction,
  canonical: ReadonlyMap<string, string>,
  { rules }: DistrictRules,
): Promise<Found[]> {
  const rule = rules["capacity-line"];
  const runs = await rankedRuns(tx, Math.floor(rule.capacity * (1 + rule.margin)), canonical);
  const learners = new Set(runs.flatMap(({ places }) => [...places.keys()]));
  return [...learners].flatMap((personId) => {
    const standings = runs.map(({ places, ...run }) => ({ ...run, place: places.get(personId) ?? null }));
    const episodes = capacityCrossings(standings, rule);
    return episodes.map((episode) => ({ ...episode, rule: "capacity-line" as const, personId, subject: "risk" }));
  });
}

async function silenceAlerts(tx: TenantTransaction, { rules }: DistrictRules, now: Date): Promise<Found[]> {
  const known = await silencesKnown(tx, rules["silent-source"], now);
  return known.map(({ isOver: _, ...silence }) => ({ ...silence, rule: "silent-source", personId: null }));
}

/** Writes what may be told, once, and what webhooks are to be told of it, in the same transaction. */
async function keep(
  tx: TenantTransaction,
  inForce: DistrictRules,
  found: readonly Found[],
  now: Date,
): Promise<StoredAlert[]> {
  const oldest = new Date(now.getTime() - RAISE_WITHIN_DAYS * DAY_MILLISECONDS).toISOString();
  // A new version of the rules looks forward: what was learned before it was judged by the rules of its day.
  const since = inForce.decidedAt === null || inForce.decidedAt < oldest ? oldest : inForce.decidedAt;
  const current = found.filter(({ rule, learnedAt }) => learnedAt >= since && inForce.rules[rule].tell.length > 0);
  const silenced = await silencedLearners(tx, current, now);
  const toRaise = current.flatMap((episode): AlertToRaise[] => {
    const dataClass = ruleData[episode.rule];
    if (episode.personId !== null && silenced(episode.personId, dataClass)) return [];
    return [{ ...episode, dataClass, rulesVersion: inForce.version }];
  });
  const fresh = await insertAlerts(tx, toRaise, now);
  await queueMessages(tx, "opened", fresh, now);
  return fresh;
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
