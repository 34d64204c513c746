import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { bothClocks, literal } from "../sql.ts";

const scales = ["persistence", "self-management", "belonging"] as const;
const column = (scale: string): string => `survey_${scale.replaceAll("-", "_")}`;

/**
 * Scales that come as whole scores, by name: feelings and engagement as detectors or teachers judge them (the names of the
 * affect detectors of ASSISTments) and effort. Each is on its instrument's own scale.
 */
const wholeScales = {
  boredom: "higher is riskier",
  concentration: "lower is riskier",
  confusion: "none",
  frustration: "higher is riskier",
  "off-task": "higher is riskier",
  gaming: "higher is riskier",
  carelessness: "higher is riskier",
  effort: "lower is riskier",
  choice: "none",
} as const satisfies Record<string, FeatureDefinition["direction"]>;
const wholeColumn = (scale: string): string => `scale_${scale.replaceAll("-", "_")}`;

/** A scale whose reliability is lower says too little about one learner (Nunnally's 0.7 is for comparing groups; half of it is noise). */
const LEAST_RELIABILITY = 0.5;

const common = { actionable: true, group: "Survey" } as const;

/** Non-cognitive surveys and judgements: the latest score on each scale. */
export const survey: FeatureFamily = {
  name: "survey",
  version: "2",
  features: [
    ...scales.map(
      (scale): FeatureDefinition => ({
        ...common,
        name: column(scale),
        meaning: `latest score on the survey scale ${scale}`,
        unit: "mean answer (1 to 5)",
        sources: ["survey"],
        direction: "lower is riskier",
        missing: "missing when the learner has not answered in this period",
        sinceVersion: "1",
      }),
    ),
    ...Object.entries(wholeScales).map(
      ([scale, direction]): FeatureDefinition => ({
        ...common,
        name: wholeColumn(scale),
        meaning: `latest whole score on the scale ${scale}, where its reliability is ${LEAST_RELIABILITY} or more, or not told`,
        unit: "the instrument's own",
        sources: ["scale_score"],
        direction,
        missing:
          "missing when there is no such score in this period, or it is too unreliable to say anything of one learner",
        use: "detail",
        sinceVersion: "2",
      }),
    ),
    {
      ...common,
      name: "scale_reliability_minimum",
      meaning: "lowest reliability told among the learner's whole scores",
      unit: "reliability (0 to 1)",
      sources: ["scale_score"],
      direction: "none",
      missing: "missing when no score tells its reliability",
      use: "detail",
      sinceVersion: "2",
    },
  ],
  sql: ({ cohort }) => `
    WITH latest AS (
      SELECT c."row", s.scale, arg_max(s.value, row(s.on_date, s.known_on, s.items, s.value)) AS value
      FROM ${cohort.table} c
      JOIN survey s ON s.learner = c.learner AND ${bothClocks("s.on_date", "s.known_on", "c.as_of")}
      WHERE s.value IS NOT NULL AND s.scale IN (${scales.map(literal).join(", ")})
      GROUP BY ALL
    ), wide AS (
      SELECT "row", ${scales.map((scale) => `max(value) FILTER (scale = ${literal(scale)}) AS ${column(scale)}`).join(", ")}
      FROM latest GROUP BY "row"
    ), whole AS (
      SELECT c."row", lower(s.scale) AS scale, s.score, s.reliability, row(s.on_date, s.known_on, s.instrument, s.items, s.score) AS newest
      FROM ${cohort.table} c
      JOIN scale_score s ON s.learner = c.learner AND ${bothClocks("s.on_date", "s.known_on", "c.as_of")}
      WHERE s.score IS NOT NULL
    ), wide_whole AS (
      SELECT "row", min(reliability) AS reliability, ${Object.keys(wholeScales)
        .map(
          (scale) =>
            `arg_max(score, newest) FILTER (scale = ${literal(scale)} AND coalesce(reliability, 1) >= ${LEAST_RELIABILITY}) AS ${wholeColumn(scale)}`,
        )
        .join(",\n        ")}
      FROM whole GROUP BY "row"
    )
    SELECT c."row", ${scales.map((scale) => `w.${column(scale)}`).join(", ")},
      ${Object.keys(wholeScales)
        .map((scale) => `v.${wholeColumn(scale)}`)
        .join(", ")}, v.reliability AS scale_reliability_minimum
    FROM ${cohort.table} c LEFT JOIN wide w USING ("row") LEFT JOIN wide_whole v USING ("row")`,
};
