import { MASTERED } from "../../features/families/standards.ts";
import type { Finding, Part } from "./answer.ts";
import type { Facts } from "./facts.ts";

/** A passing mark on a scale of 100; the catalog's count of failed courses uses the same. */
const PASSING = 60;
const STRONG = 85; // a B or better, as Ed-Fi counts letters
/** Absences from this share of days on are chronic (Attendance Works, and most states). */
const CHRONIC = 0.1;
const LIST = 5; // things named in one sentence
const REASONS = 4; // of an estimate: the rest weighs little

/** A share as people say it. */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Some names in a sentence, the rest counted. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, LIST).join(", ");
  return names.length > LIST ? `${shown} and ${names.length - LIST} more` : shown;
}

/** A part with one sentence, or none. */
function part(gap: string, ...findings: readonly (Finding | null)[]): Part {
  return { gap, findings: findings.filter((one) => one !== null) };
}

const said = (sentence: string, source: string, on: string | null, records: number): Finding => ({
  sentence,
  evidence: { source, on, records },
});

const newest = (days: readonly (string | null)[]): string | null =>
  days.reduce<string | null>((last, day) => (day !== null && (last === null || day > last) ? day : last), null);

/** What the latest run says, with its uncertainty: an estimate, and said to be one. */
export function estimatePart({ score }: Facts): Part {
  if (score.status === "none") return part(score.why);
  const { probability, low, high, asOf } = score;
  const range = low === null || high === null ? "" : `, somewhere between ${percent(low)} and ${percent(high)}`;
  return part(
    "",
    said(
      `Of learners whose records look like this one's, about ${percent(probability)} ended a year off track${range}. ` +
        "It is an estimate from records, not a verdict.",
      "early-warning",
      asOf,
      1,
    ),
  );
}

/** Being there, against the calendar where there is one. */
export function attendancePart({ attendance, on }: Facts): Part {
  const { absent, unexcused, tardy, days, records } = attendance;
  const gap =
    "Attendance is not known: the record holds no exceptions, and that alone does not say that all days were attended.";
  if (records === 0) return part(gap);
  const share = days === null || days === 0 ? null : absent / days;
  const of = share === null ? "" : ` of ${days} (${percent(share)})`;
  const weight =
    share !== null && share >= CHRONIC ? " That is a tenth of the days or more, which puts a year at risk." : "";
  const unexplained = unexcused > 0 ? `, ${unexcused} of them without an excuse` : "";
  return part(
    gap,
    said(
      `Absent on ${plural(absent, "day")}${of} this year${unexplained}; late on ${plural(tardy, "day")}.${weight}`,
      "attendance_event",
      attendance.on ?? on,
      records,
    ),
  );
}

/** The newest marks, failed courses first. */
export function marksPart({ marks }: Facts): Part {
  const failing = marks.filter(({ score, letter }) =>
    score === null ? letter?.startsWith("F") === true : score < PASSING,
  );
  const words = (list: typeof marks): string =>
    listed(list.map(({ course, letter, score }) => `${course} (${letter ?? Math.round(score ?? 0)})`));
  const on = newest(marks.map((mark) => mark.on));
  if (marks.length === 0) return part("No marks are known for this school year yet.");
  return part(
    "",
    failing.length === 0
      ? said(`Passing every course with a mark this year: ${words(marks)}.`, "course_grade", on, marks.length)
      : said(`Not passing at the moment: ${words(failing)}.`, "course_grade", on, failing.length),
  );
}

/** Credits and the grade point average. */
export function transcriptPart({ transcript }: Facts): Part {
  const parts = [
    transcript?.credits == null ? [] : [`${transcript.credits} credits earned so far`],
    transcript?.gradePointAverage == null
      ? []
      : [`a grade point average of ${transcript.gradePointAverage.toFixed(2)}`],
  ].flat();
  return part(
    "Credits earned and the credits a diploma needs are not in the record, so how far it is to graduation is not known.",
    parts.length === 0
      ? null
      : said(`The transcript shows ${parts.join(" and ")}.`, "academic_summary", transcript!.on, 1),
  );
}

/** Steps towards college or career. */
export function collegePart({ milestones }: Facts): Part {
  const met = milestones.filter(({ status }) => status === "met");
  const open = milestones.filter(({ status }) => status !== "met");
  const named = (list: typeof milestones): string => listed(list.map(({ milestone }) => milestone));
  const on = newest(milestones.map((milestone) => milestone.on));
  return part(
    "No steps towards college or career are recorded, so nothing can be said of college from this record.",
    met.length === 0
      ? null
      : said(`Steps towards college or career reached: ${named(met)}.`, "readiness_milestone", on, met.length),
    open.length === 0 ? null : said(`Still ahead: ${named(open)}.`, "readiness_milestone", on, open.length),
  );
}

/** Standards met. */
export function metPart({ standards }: Facts): Part {
  const met = standards.filter(({ score }) => score >= MASTERED);
  const gap =
    standards.length === 0
      ? "No standard has enough evidence yet to say whether it is met."
      : `Of ${plural(standards.length, "standard")} with enough evidence, none is met yet.`;
  return part(
    gap,
    met.length === 0
      ? null
      : said(
          `Meets ${met.length} of ${plural(standards.length, "standard")} with enough evidence: ${listed(met.map(({ label, score }) => `${label} (${percent(score)})`))}.`,
          "standard_result, observation, item_response",
          newest(met.map(({ on }) => on)),
          met.reduce((sum, { pieces }) => sum + pieces, 0),
        ),
  );
}

/** Standards that are not met, the weakest first. */
export function unmetPart({ standards }: Facts): Part {
  const unmet = standards.filter(({ score }) => score < MASTERED).reverse();
  return part(
    standards.length === 0
      ? "No standard has enough evidence yet to say where the difficulty lies."
      : "No standard with enough evidence is below what counts as met.",
    unmet.length === 0
      ? null
      : said(
          `Not met yet: ${listed(unmet.map(({ label, score }) => `${label} (${percent(score)} right lately)`))}.`,
          "standard_result, observation, item_response",
          newest(unmet.map(({ on }) => on)),
          unmet.reduce((sum, { pieces }) => sum + pieces, 0),
        ),
  );
}

/** Strong marks, and what a model counts as strengths. */
export function strengthsPart({ marks, score, achievements }: Facts): Part {
  const strong = marks.filter((mark) => mark.score !== null && mark.score >= STRONG);
  const thriving = score.status === "scored" ? score.thriving : null;
  return part(
    "No strong mark, work or recognition is recorded this year.",
    strong.length === 0
      ? null
      : said(
          `Strong marks: ${listed(strong.map(({ course, letter, score: value }) => `${course} (${letter ?? Math.round(value!)})`))}.`,
          "course_grade",
          newest(strong.map(({ on }) => on)),
          strong.length,
        ),
    achievements.length === 0
      ? null
      : said(
          `Recognised for: ${listed(achievements.map(({ title }) => title))}.`,
          achievements[0]!.source,
          achievements[0]!.on,
          achievements.length,
        ),
    thriving === null
      ? null
      : said(
          `Could be offered more (${thriving.consider.join(", ")}): ${thriving.evidence.join("; ")}.`,
          "early-warning",
          score.status === "scored" ? score.asOf : null,
          thriving.evidence.length,
        ),
  );
}

/** The place among peers: the same school and grade, and the norm group of tests. */
export function peersPart({ peers, tests }: Facts): Part {
  const rank = (share: number | null | undefined, what: string): Finding | null =>
    share == null
      ? null
      : said(
          `${what} is above that of about ${percent(share)} of the learners of the same school and grade.`,
          "early-warning",
          peers!.asOf,
          1,
        );
  return part(
    "A comparison with peers is not known: no ranking of the school holds this learner, and no test gives a percentile.",
    rank(peers?.work, "Course work"),
    rank(peers?.attendance, "Attendance"),
    ...tests.map(({ title, percentile, on }) =>
      said(
        `On ${title}, better than ${Math.round(percentile)} of 100 in the test's norm group.`,
        "assessment_result",
        on,
        1,
      ),
    ),
  );
}

/** Work that is missing, and weak work by subject. */
export function workPart({ work }: Facts): Part {
  const findings = work.flatMap(({ subject, pieces, missing, mean, on }) => {
    const parts = [
      ...(missing > 0 ? [`${missing} of ${plural(pieces, "piece")} of work not handed in`] : []),
      ...(mean !== null && 100 * mean < PASSING ? [`${percent(mean)} of the points on what was marked`] : []),
    ];
    return parts.length === 0 ? [] : [said(`${subject}: ${parts.join("; ")}.`, "result", on, pieces)];
  });
  return {
    findings,
    gap:
      work.length === 0
        ? "Nothing is known of the work of this year."
        : "No work is missing and no subject is below passing, as far as the record shows.",
  };
}

/** What an estimate of risk rests on, as far as somebody can act on it: the strongest, in the words of the ranking. */
export function reasonsPart({ score }: Facts): Part {
  if (score.status === "none") return part(score.why);
  const actionable = score.reasons.filter((reason) => reason.actionable).slice(0, REASONS);
  return {
    gap: "Nothing that can be changed stands out in the estimate of risk.",
    findings: actionable.map(({ group, words }) => said(`${group}: ${words}.`, "early-warning", score.asOf, 1)),
  };
}

/** The same for a family: what weighs most, without the terms of the model. */
export function weightiestPart({ score }: Facts): Part {
  if (score.status === "none") return part(score.why);
  const groups = score.reasons.filter((reason) => reason.actionable).map(({ group }) => group.toLowerCase());
  return part(
    "Nothing that can be changed stands out in the estimate of risk.",
    groups.length === 0
      ? null
      : said(
          `What weighs most in the school's estimate and can be changed: ${groups.slice(0, REASONS).join(", ")}.`,
          "early-warning",
          score.asOf,
          groups.length,
        ),
  );
}
