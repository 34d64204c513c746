import { existsSync } from "node:fs";
import { CairnError } from "../../src/errors.ts";

/** SELECTs that fill the snapshot's tables of the same names; every other table is empty. */
export interface NonCognitiveQueries {
  readonly enrolment: string;
  readonly scale_score: string;
}

/** Neither set has a date: all of it stands on one day, on which it counts as known. */
const FIRST_DAY = "DATE '2005-09-01'";

/** The affect detectors of ASSISTments by the scales of the family `survey`; each a mean probability over a learner's actions. */
const detectors = {
  AveResBored: "boredom",
  AveResEngcon: "concentration",
  AveResConf: "confusion",
  AveResFrust: "frustration",
  AveResOfftask: "off-task",
  AveResGaming: "gaming",
  AveCarelessness: "carelessness",
} as const;

/**
 * The learners of the ASSISTments 2017 data mining competition with their averages of the affect detectors (Botelho, Baker and
 * Heffernan 2017): 492 rows of 449 learners; repeated rows of a learner say the same.
 * @param path - `student_level_affect_mcas_stem.csv`
 * @throws CairnError `UNREADABLE_FILE` when there is no such file
 */
export function assistmentsAffect(path: string): NonCognitiveQueries {
  const rows = `(SELECT * FROM read_csv(${fileAt(path)}, header = true, delim = ',') QUALIFY row_number() OVER (PARTITION BY ITEST_id) = 1)`;
  const scales = Object.entries(detectors).map(
    ([column, scale]) =>
      `SELECT ITEST_id::VARCHAR AS learner, 'affect detectors' AS instrument, '${scale}' AS scale, "${column}"::DOUBLE AS score,
        NULL::INTEGER AS items, NULL::DOUBLE AS reliability, ${FIRST_DAY} AS on_date, ${FIRST_DAY} AS known_on FROM ${rows}`,
  );
  return {
    enrolment: enrolmentOf(`SELECT ITEST_id::VARCHAR AS learner, 'ASSISTments' AS school FROM ${rows}`),
    scale_score: scales.join(" UNION ALL "),
  };
}

/**
 * What UCI 697 says of will rather than skill: `effort`, the evaluations sat per unit enrolled in the first semester, and
 * `choice`, the place of the programme among the student's wishes (0 first). 4,424 rows, one per student.
 * @param path - `data.csv` of the set
 * @throws CairnError `UNREADABLE_FILE` when there is no such file
 */
export function uci697Signals(path: string): NonCognitiveQueries {
  const rows = `(SELECT row_number() OVER () AS student, * FROM read_csv(${fileAt(path)}, header = true, delim = ';'))`;
  const scale = (name: string, value: string): string =>
    `SELECT student::VARCHAR AS learner, 'UCI 697' AS instrument, '${name}' AS scale, ${value} AS score, NULL::INTEGER AS items,
      NULL::DOUBLE AS reliability, ${FIRST_DAY} AS on_date, ${FIRST_DAY} AS known_on FROM ${rows}`;
  return {
    enrolment: enrolmentOf(`SELECT student::VARCHAR AS learner, 'course ' || "Course" AS school FROM ${rows}`),
    scale_score: [
      scale(
        "effort",
        `"Curricular units 1st sem (evaluations)" / nullif("Curricular units 1st sem (enrolled)", 0)::DOUBLE`,
      ),
      scale("choice", `"Application order"::DOUBLE`),
    ].join(" UNION ALL "),
  };
}

const enrolmentOf = (learners: string): string => `
  SELECT learner, learner AS person, 'the year' AS period, school, school AS peer_group, NULL::VARCHAR AS grade_band,
    ${FIRST_DAY} AS starts_on, ${FIRST_DAY} AS entered_on, NULL::DATE AS exited_on, NULL::VARCHAR AS exit_kind,
    ${FIRST_DAY} AS known_on, NULL::DATE AS exit_known_on
  FROM (${learners})`;

function fileAt(path: string): string {
  if (!existsSync(path)) {
    throw new CairnError("UNREADABLE_FILE", "expected the data set's file, got a path where nothing is", {
      hint: "UCI 697 is at archive.ics.uci.edu; the affect file came with the ASSISTments 2017 competition",
    });
  }
  return `'${path.replaceAll("'", "''")}'`;
}
