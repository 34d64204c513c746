import type { FeatureDefinition, FeatureFamily } from "../family.ts";

/** Ways in which content can be worked on, by what the content library calls them. */
export const motivationKinds = {
  modality: ["video", "practice", "game", "reading", "project"],
  setting: ["alone", "pair", "small-group", "whole-class"],
} as const;

/** One kind of activity, such as the modality "video". */
export interface MotivationKind {
  readonly aspect: keyof typeof motivationKinds;
  readonly value: string;
  /** How column names call it. */
  readonly stem: string;
}

/** Every kind, modalities first. */
export const kinds: readonly MotivationKind[] = Object.entries(motivationKinds).flatMap(([aspect, values]) =>
  values.map((value) => ({
    aspect: aspect as MotivationKind["aspect"],
    value,
    stem: `${aspect}_${value.replaceAll("-", "_")}`,
  })),
);

/**
 * Tries that the learner's own average weighs: with fewer on one kind the estimate leans to the learner's average, with more to
 * the kind's own share. Ten is about a sitting.
 */
export const PRIOR_TRIES = 10;

const common = {
  actionable: true,
  group: "Motivation and preference",
  sinceVersion: "2",
  use: "detail",
  direction: "lower is riskier",
} as const;

const definitions = ({ aspect, value, stem }: MotivationKind): FeatureDefinition[] => {
  const where = `${aspect} ${value}`;
  const library = aspect === "modality" ? (["activity"] as const) : (["activity", "activity_setting"] as const);
  return [
    {
      ...common,
      name: `success_${stem}`,
      meaning: `mean correctness of answers with ${where}, shrunk towards the learner's own mean by ${PRIOR_TRIES} answers`,
      unit: "share",
      sources: ["response", ...library],
      missing: "missing until the learner has answered there",
    },
    {
      ...common,
      name: `success_${stem}_tries`,
      meaning: `answers with ${where}`,
      unit: "answers",
      direction: "none",
      sources: ["response", ...library],
      missing: "missing until the learner has answered there",
    },
    {
      ...common,
      name: `persistence_${stem}`,
      meaning: `share of begun activities completed with ${where}, shrunk towards the learner's own share by ${PRIOR_TRIES} activities`,
      unit: "share",
      sources: ["activity_event", ...library],
      missing: "missing until the learner has begun such an activity",
    },
    {
      ...common,
      name: `persistence_${stem}_tries`,
      meaning: `activities begun with ${where}`,
      unit: "activities",
      direction: "none",
      sources: ["activity_event", ...library],
      missing: "missing until the learner has begun such an activity",
    },
    {
      ...common,
      name: `preference_${stem}`,
      meaning: `what was last said of the learner's liking for ${where}`,
      unit: "strength (−1 to 1)",
      direction: "none",
      sources: ["preference"],
      missing: "missing until somebody has said it",
    },
  ];
};

const both: readonly FeatureDefinition[] = [
  {
    ...common,
    use: "core",
    name: "completion_share",
    meaning: `share of begun activities completed, shrunk towards the share of all learners of the day by ${PRIOR_TRIES} activities`,
    unit: "share",
    sources: ["activity_event"],
    missing: "missing until the learner has begun an activity",
  },
  {
    ...common,
    name: "success_spread",
    meaning: "best minus worst of the success with the modalities tried: how much the way of working matters",
    unit: "share",
    direction: "none",
    sources: ["response", "activity"],
    missing: "missing until the learner has answered with two modalities",
  },
];

const pick = (table: string, { aspect, value }: MotivationKind, column: string): string =>
  `max(${column}) FILTER (aspect = '${aspect}' AND value = '${value}') AS ${table}`;

/** Shares of a count, shrunk towards `towards`. */
const shrunk = (part: string, whole: string, towards: string): string =>
  `(${part} + ${PRIOR_TRIES} * ${towards}) / (${whole} + ${PRIOR_TRIES})`;

/** Success, persistence and stated liking by kind of activity; `describeMotivation` says it in words with its uncertainty. */
export const motivation: FeatureFamily = {
  name: "motivation",
  version: "1",
  features: [...both, ...kinds.flatMap(definitions)],
  sql: ({ cohort }) => `
    WITH kind AS (
      SELECT activity, 'modality' AS aspect, lower(modality) AS value FROM activity WHERE modality IS NOT NULL
      UNION SELECT activity, 'setting', lower(setting) FROM activity_setting WHERE setting IS NOT NULL
    ), answer AS (
      SELECT learner, item, greatest("at"::DATE, known_on) AS visible, correct::DECIMAL(18, 6) AS correct
      FROM response SEMI JOIN ${cohort.table} USING (learner)
      WHERE "at" IS NOT NULL AND known_on IS NOT NULL AND correct IS NOT NULL
    ), touched AS (
      SELECT learner, activity, greatest("at"::DATE, known_on) AS visible, verb = 'completed' AS done
      FROM activity_event SEMI JOIN ${cohort.table} USING (learner)
      WHERE activity IS NOT NULL AND "at" IS NOT NULL AND known_on IS NOT NULL
    ), begun AS (
      SELECT c."row", c.as_of, t.activity, bool_or(t.done)::INTEGER AS done
      FROM ${cohort.table} c JOIN touched t ON t.learner = c.learner AND t.visible <= c.as_of GROUP BY ALL
    ), answered AS (
      SELECT c."row", c.as_of, a.item, count(*) AS tries, sum(a.correct) AS credit
      FROM ${cohort.table} c JOIN answer a ON a.learner = c.learner AND a.visible <= c.as_of GROUP BY ALL
    ), of_row AS (
      SELECT "row", as_of, sum(credit) AS credit, sum(tries) AS tries FROM answered GROUP BY ALL
    ), done_of_row AS (
      SELECT "row", as_of, sum(done) AS done, count(*) AS begun FROM begun GROUP BY ALL
    ), own AS (
      SELECT "row", ${shrunk("credit::DOUBLE", "tries", "(CAST(sum(credit) OVER day AS DOUBLE) / CAST(sum(tries) OVER day AS DOUBLE))")} AS mean
      FROM of_row WINDOW day AS (PARTITION BY as_of ORDER BY as_of RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ), own_done AS (
      SELECT "row", ${shrunk("done", "begun", "(CAST(sum(done) OVER day AS DOUBLE) / CAST(sum(begun) OVER day AS DOUBLE))")} AS mean
      FROM done_of_row WINDOW day AS (PARTITION BY as_of ORDER BY as_of RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ), success AS (
      SELECT a."row", k.aspect, k.value, sum(a.tries)::DOUBLE AS tries, ${shrunk("sum(a.credit)::DOUBLE", "sum(a.tries)::DOUBLE", "any_value(o.mean)")} AS share
      FROM answered a JOIN kind k ON k.activity = a.item JOIN own o ON o."row" = a."row" GROUP BY ALL
    ), persisted AS (
      SELECT b."row", k.aspect, k.value, count(*)::DOUBLE AS tries, ${shrunk("sum(b.done)::DOUBLE", "count(*)", "any_value(o.mean)")} AS share
      FROM begun b JOIN kind k ON k.activity = b.activity JOIN own_done o ON o."row" = b."row" GROUP BY ALL
    ), said AS (
      SELECT c."row", p.kind AS aspect, lower(p.value) AS value,
        arg_max(coalesce(p.strength, 1), row(p.on_date, p.known_on, coalesce(p.strength, 1))) AS strength
      FROM ${cohort.table} c
      JOIN preference p ON p.learner = c.learner AND p.on_date <= c.as_of AND p.known_on <= c.as_of GROUP BY ALL
    ), wide_success AS (
      SELECT "row", CASE WHEN count(*) FILTER (aspect = 'modality') > 1
          THEN max(share) FILTER (aspect = 'modality') - min(share) FILTER (aspect = 'modality') END AS success_spread,
        ${kinds.flatMap((kind) => [pick(`success_${kind.stem}`, kind, "share"), pick(`success_${kind.stem}_tries`, kind, "tries")]).join(",\n        ")}
      FROM success GROUP BY "row"
    ), wide_persistence AS (
      SELECT "row", ${kinds.flatMap((kind) => [pick(`persistence_${kind.stem}`, kind, "share"), pick(`persistence_${kind.stem}_tries`, kind, "tries")]).join(",\n        ")}
      FROM persisted GROUP BY "row"
    ), wide_said AS (
      SELECT "row", ${kinds.map((kind) => pick(`preference_${kind.stem}`, kind, "strength")).join(", ")} FROM said GROUP BY "row"
    )
    SELECT c."row", d.mean AS completion_share, s.* EXCLUDE ("row"), p.* EXCLUDE ("row"), w.* EXCLUDE ("row")
    FROM ${cohort.table} c LEFT JOIN own_done d USING ("row") LEFT JOIN wide_success s USING ("row")
    LEFT JOIN wide_persistence p USING ("row") LEFT JOIN wide_said w USING ("row")`,
};
