import type { AchievedResult, AlignedStandard, Issuer, Recognition } from "../../credentials/issue.ts";
import { issueAchievement } from "../../credentials/issue.ts";
import type { JsonObject } from "../../credentials/json.ts";
import { parseObject } from "../../credentials/json.ts";
import { readToken } from "../../credentials/tokens.ts";
import type { ReportProgress } from "../../progress.ts";
import type { LearnerRows } from "./gather.ts";
import { indexed, latestRows, text } from "./latest.ts";
import type { RecordRow } from "./names.ts";

/**
 * The credentials a record holds, for anybody who reads Comprehensive Learner Records: the badges as their issuers signed them,
 * and, signed by the district, membership, a course mark for each certified one, and the latest certified score on each
 * standard. They say again what the rows say, in the words of the standard.
 * @param subject - the learner's id in the credentials
 */
export async function recordCredentials(
  issuer: Issuer,
  subject: string,
  rows: LearnerRows,
  now: Date,
  onProgress: ReportProgress = () => undefined,
): Promise<(JsonObject | string)[]> {
  const certified = (table: string): RecordRow[] =>
    latestRows(rows.get(table) ?? []).filter((row) => row.class === "certified");
  const recognitions = [
    membership(issuer, certified("person_role"), now),
    ...certified("course_grade").flatMap((row) => courseMark(row, rows)),
    ...standardScores(certified("standard_result"), rows, now),
  ];
  const issued: (JsonObject | string)[] = [];
  for (const recognition of recognitions) {
    issued.push(await issueAchievement(issuer, subject, recognition, now));
    onProgress("signing", issued.length / recognitions.length);
  }
  return [...issued, ...certified("credential").flatMap(heldDocument)];
}

function membership({ name }: Issuer, roles: readonly RecordRow[], now: Date): Recognition {
  const since = roles.flatMap((row) => text(row, "begins_on") ?? []).sort()[0];
  return {
    key: "membership",
    achievementType: "Membership",
    title: `Learner of ${name}`,
    description: `The record of this learner is kept by ${name}.`,
    criteria: "Registered in the district's system of record",
    awardedOn: since ?? day(now),
  };
}

function courseMark(row: RecordRow, rows: LearnerRows): Recognition[] {
  const section = indexed(rows.get("section") ?? [], "record_key").get(text(row, "section_key") ?? "");
  const courseKey = text(row, "course_key") ?? text(section, "course_key") ?? "";
  const course = indexed(rows.get("course") ?? [], "record_key").get(courseKey);
  const title = text(course, "title") ?? text(section, "title") ?? text(course, "code");
  const [letter, numeric] = [text(row, "letter"), text(row, "numeric")];
  if (title === null || (letter === null && numeric === null)) return [];
  const results: AchievedResult[] = [
    ...(letter === null ? [] : [{ resultType: "LetterGrade" as const, name: "Mark", value: letter }]),
    ...(numeric === null ? [] : [{ resultType: "RawScore" as const, name: "Points", value: numeric }]),
  ];
  return [
    {
      key: `course_grade ${text(row, "record_key")}`,
      achievementType: "Course",
      title,
      description: `A mark of the kind "${text(row, "kind")}" in this course`,
      criteria: "The teacher's mark, as it stands in the district's system of record",
      awardedOn: text(row, "on_date")!,
      results,
    },
  ];
}

/** One for each standard: the score that was given last. */
function standardScores(scores: readonly RecordRow[], rows: LearnerRows, now: Date): Recognition[] {
  const marks = indexed(latestRows(rows.get("result") ?? []), "record_key");
  const standards = indexed(latestRows(rows.get("standard") ?? []), "standard");
  const given = (row: RecordRow): string =>
    text(marks.get(text(row, "result_key") ?? ""), "scored_on") ?? text(row, "known_on") ?? day(now);
  const last = indexed(
    scores
      .filter((row) => row.score !== null || text(row, "text_score") !== null)
      .toSorted((a, b) => (given(a) < given(b) ? -1 : 1)),
    "standard",
  );
  return [...last].map(([code, row]) => ({
    key: `standard ${code}`,
    achievementType: "Assessment",
    title: text(standards.get(code), "label") ?? code,
    description: "The latest score on this standard",
    criteria: "Scored by the school as part of the learner's work",
    awardedOn: given(row),
    standards: [aligned(code, standards.get(code))],
    results: [scored(row)],
  }));
}

function aligned(code: string, row: RecordRow | undefined): AlignedStandard {
  return {
    standard: code,
    label: text(row, "label"),
    code: text(row, "code"),
    framework: text(row, "framework"),
    uri: text(row, "uri"),
  };
}

function scored(row: RecordRow): AchievedResult {
  const { score } = row;
  if (typeof score !== "number")
    return { resultType: "PerformanceLevel", name: "Level", value: text(row, "text_score")! };
  // Shares of 1 are what OneRoster sources send for standards; anything else stays as it is.
  return score >= 0 && score <= 1
    ? { resultType: "Percent", name: "Share reached", value: String(Math.round(score * 10_000) / 100) }
    : { resultType: "RawScore", name: "Score", value: String(score) };
}

/** The document of a credential the learner holds, as its issuer signed it: a token stays a token. */
function heldDocument(row: RecordRow): (JsonObject | string)[] {
  const document = text(row, "document");
  if (document === null) return [];
  const parsed = parseObject(document) ?? readToken(document)?.text;
  return parsed === undefined ? [] : [parsed];
}

function day(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
