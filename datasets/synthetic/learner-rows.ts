import { dateOf, schoolYear } from "./calendar.ts";
import type { ExportRows } from "./export-rows.ts";
import { type Learner, raceColumns } from "./learner.ts";
import type { YearPlan } from "./learner-path.ts";
import { type Section, type Subject, subjects } from "./roster.ts";
import { gradeCode, schoolId, userRow } from "./user-rows.ts";

/** How a learner's time in a year ended early. */
export interface Exit {
  readonly day: number;
  readonly kind: "transfer" | "withdrawal";
}

/** One year of a learner as the export tells it. */
export interface ToldYear {
  readonly plan: YearPlan;
  readonly sections: Record<Subject, Section>;
  readonly entryDay: number;
  readonly exit: Exit | undefined;
}

/** The rows of a learner: user, role, demographics, enrolments. Nothing when the learner has not yet arrived. */
export function writeLearnerRows(out: ExportRows, learner: Learner, years: readonly ToldYear[]): void {
  const told = years.filter(({ entryDay }) => entryDay <= out.cutoff);
  const last = told.at(-1);
  if (last === undefined) return;
  const school = schoolId(learner.school);
  const exit = last.exit !== undefined && last.exit.day <= out.cutoff ? last.exit : undefined;
  const stillHere = exit === undefined && schoolYear(last.plan.year).lastDay >= out.cutoff;
  const { studentId, sourcedId, givenName, familyName } = learner;
  userRow(out, {
    sourcedId,
    enabled: stillHere,
    studentId,
    ...(learner.stateId === undefined ? {} : { stateId: learner.stateId }),
    givenName,
    familyName,
    grade: gradeCode(last.plan.grade),
    school,
  });
  const [begins, ends] = [dateOf(told[0]!.entryDay), exit === undefined ? "" : dateOf(exit.day)];
  out.roster.roles.row([`rol-${sourcedId}`, "", "", sourcedId, "primary", "student", begins, ends, school, ""]);
  const races = [
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
  ];
  const is = [...races, "white", "demographicRaceTwoOrMoreRaces"].map((race) =>
    String(race === raceColumns[learner.race]),
  );
  const birth = dateOf(learner.birthDay);
  out.roster.demographics.row([sourcedId, "", "", birth, learner.sex, ...is, String(learner.hispanic), "", "", "", ""]);
  for (const year of told) {
    for (const subject of subjects) enrolmentRow(out, learner, year, year.sections[subject]);
  }
}

function enrolmentRow(out: ExportRows, learner: Learner, year: ToldYear, section: Section): void {
  section.used = true;
  const left = year.exit !== undefined && year.exit.day <= out.cutoff ? year.exit : undefined;
  out.roster.enrollments.row([
    `enr-${learner.studentId}-${section.id.slice(4)}`,
    "",
    "",
    section.id,
    schoolId(section.school),
    learner.sourcedId,
    "student",
    "false",
    dateOf(year.entryDay),
    left === undefined ? "" : dateOf(left.day),
    left?.kind ?? "",
  ]);
}
