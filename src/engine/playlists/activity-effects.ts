import type { DuckDBConnection } from "@duckdb/node-api";
import type { Curriculum } from "./curriculum.ts";

/** Sums over completions of one activity of which answers on its standard are known before and after. */
export interface EffectSums {
  /** Index of the activity. */
  readonly activity: number;
  readonly completions: number;
  /** Σ of the share right before (x) and after (y), of their squares and of their products. */
  readonly before: number;
  readonly after: number;
  readonly beforeSquared: number;
  readonly afterSquared: number;
  readonly product: number;
}

/** How much each activity teaches, compared with others on its standard. */
export interface ActivityEffects {
  /** Shape (activities): shrunk effect in standard deviations of effects; 0 where nothing is known. */
  readonly effect: Float64Array;
  /** Shape (activities): completions behind it. */
  readonly completions: Float64Array;
  /** Standard deviation of the effects between activities of one standard, as share right; 0: no difference is to be seen. */
  readonly spread: number;
}

const WINDOW_DAYS = 28; // of answers before and after: long enough for a few, short enough that it was this activity

// Sums of decimals are exact: threads add in any order, and the same snapshot must give the same bytes.
const SHARE = "DECIMAL(10, 9)";
const exact = (share: string): string => `${share}::${SHARE}`;

/**
 * The sums over a snapshot: for each completion, the share right on its standard in the four weeks before and after.
 * @param connection - a DuckDB connection with a playlist snapshot attached
 */
export async function readEffectSums(connection: DuckDBConnection, { activities }: Curriculum): Promise<EffectSums[]> {
  const window = `INTERVAL ${WINDOW_DAYS} DAYS`;
  const result = await connection.runAndReadAll(
    `WITH unit AS (SELECT DISTINCT learner, person FROM enrolment),
     library AS (SELECT DISTINCT ON (activity) activity, standard FROM activity WHERE minutes IS NOT NULL ORDER BY activity, title, standard),
     done AS (
       SELECT u.person, l.activity, l.standard, a."at" FROM activity_event a JOIN unit u USING (learner) JOIN library l USING (activity)
       WHERE a.verb = 'completed'),
     answer AS (
       SELECT u.person, r.standard, r."at", r.correct FROM response r JOIN unit u USING (learner)
       WHERE r.correct IS NOT NULL AND r."at" IS NOT NULL),
     change AS (
       SELECT d.activity, (avg(${exact("r.correct")}) FILTER (r."at" <= d."at"))::${SHARE} AS x, (avg(${exact("r.correct")}) FILTER (r."at" > d."at"))::${SHARE} AS y
       FROM done d JOIN answer r
         ON r.person = d.person AND r.standard = d.standard AND r."at" BETWEEN d."at" - ${window} AND d."at" + ${window}
       GROUP BY d.person, d.activity, d."at")
     SELECT activity, count(*)::DOUBLE, sum(x)::DOUBLE, sum(y)::DOUBLE, sum(x * x)::DOUBLE, sum(y * y)::DOUBLE, sum(x * y)::DOUBLE FROM change
     WHERE x IS NOT NULL AND y IS NOT NULL GROUP BY activity ORDER BY activity`,
  );
  const position = new Map(activities.map(({ activity }, at) => [activity, at]));
  return (result.getRows() as [string, number, number, number, number, number, number][]).flatMap(
    ([activity, completions, before, after, beforeSquared, afterSquared, product]) => {
      const at = position.get(activity);
      return at === undefined
        ? []
        : [{ activity: at, completions, before, after, beforeSquared, afterSquared, product }];
    },
  );
}

/**
 * What students did *and then learned from*: the answers after an activity, less what the answers before it and its standard
 * lead one to expect (analysis of covariance with one slope within standards), shrunk by how many completions there are
 * (empirical Bayes, variance between activities by moments, at least 0). It compares activities on the same standard and
 * says nothing about two standards; it is observational, so who chooses an activity is in it: what a snapshot cannot tell
 * apart, explored places can.
 */
export function activityEffects(curriculum: Curriculum, sums: readonly EffectSums[]): ActivityEffects {
  const effect = new Float64Array(curriculum.activities.length);
  const completions = new Float64Array(curriculum.activities.length);
  const byStandard = new Map<number, EffectSums[]>();
  for (const one of sums) {
    completions[one.activity] = one.completions;
    const { standard } = curriculum.activities[one.activity]!;
    byStandard.set(standard, [...(byStandard.get(standard) ?? []), one]);
  }
  const compared = [...byStandard.values()].filter((activities) => activities.length > 1);
  const total = (of: readonly EffectSums[], what: (one: EffectSums) => number): number =>
    of.reduce((sum, one) => sum + what(one), 0);
  // Within activities: the slope, and the noise of one completion.
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let freedom = -1; // the slope takes one
  for (const one of compared.flat()) {
    const { completions: n, before, after } = one;
    xx += one.beforeSquared - (before * before) / n;
    xy += one.product - (before * after) / n;
    yy += one.afterSquared - (after * after) / n;
    freedom += n - 1;
  }
  if (freedom <= 0) return { effect, completions, spread: 0 };
  const slope = xx > 0 ? xy / xx : 0;
  const noise = Math.max(0, yy - slope * xy) / freedom;
  const raw: { activity: number; difference: number; variance: number }[] = [];
  for (const activities of compared) {
    const n = total(activities, (one) => one.completions);
    const centre = (total(activities, (one) => one.after) - slope * total(activities, (one) => one.before)) / n;
    for (const { activity, completions: count, before, after } of activities) {
      // The centre holds the activity itself: its own noise counts less by its share.
      const variance = (noise / count) * (1 - count / n);
      raw.push({ activity, difference: (after - slope * before) / count - centre, variance });
    }
  }
  const between =
    raw.reduce((sum, { difference, variance }) => sum + difference * difference - variance, 0) / raw.length;
  if (!(between > 0)) return { effect, completions, spread: 0 };
  const spread = Math.sqrt(between);
  for (const { activity, difference, variance } of raw) {
    effect[activity] = ((difference / spread) * between) / (between + variance);
  }
  return { effect, completions, spread };
}
