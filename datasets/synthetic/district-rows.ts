import { dateOf, quarterEnds, type SchoolYear, schoolYear } from "./calendar.ts";
import { type Curriculum, modalities, themes } from "./curriculum.ts";
import type { ExportRows } from "./export-rows.ts";
import { interventions } from "./interventions.ts";
import { familyNames, givenNames, schoolNames } from "./names.ts";
import { type Section, type Subject, subjects, type Work } from "./roster.ts";
import { gradeCode, schoolId, userRow } from "./user-rows.ts";
import type { World } from "./world.ts";

const DISTRICT = "org-district";

const subjectTitles: Readonly<Record<Subject, readonly [title: string, code: string]>> = {
  homeroom: ["Homeroom", "HOME"],
  mathematics: ["Mathematics", "MATH"],
  english: ["English", "ENG"],
};

/** What the export says about the district itself: schools, sessions, courses, categories, calendar, content library. */
export function writeDistrictRows(out: ExportRows, { schools, years, curriculum, options }: World): void {
  const { orgs, categories } = out.roster;
  orgs.row([DISTRICT, "", "", "Cairn Valley School District", "district", "0100000", ""]);
  for (let school = 0; school < schools; school++) {
    const round = Math.floor(school / schoolNames.length);
    const name = `${schoolNames[school % schoolNames.length]!} School${round === 0 ? "" : ` ${round + 1}`}`;
    orgs.row([schoolId(school), "", "", name, "school", `01000${String(school + 1).padStart(3, "0")}`, DISTRICT]);
  }
  const weights = [
    ["homework", "Homework", 25],
    ["quiz", "Quiz", 35],
    ["exam", "Exam", 40],
    ["final", "Final mark", ""],
  ] as const;
  for (const [id, title, weight] of weights) categories.row([`cat-${id}`, "", "", title, weight]);
  for (const year of years) writeYearRows(out, year, schools);
  writeContentRows(out, curriculum);
  if (!options.interventions) return;
  for (const { id, name, kind, description, minutesPerDose } of interventions)
    out.profiles.interventions.row([id, name, kind, description, minutesPerDose]);
}

function writeYearRows(out: ExportRows, year: SchoolYear, schools: number): void {
  if (year.firstDay > out.cutoff) return;
  const { academicSessions, courses } = out.roster;
  const sy = `sy-${year.ends}`;
  const [first, middle, last] = [dateOf(year.firstDay), dateOf(year.semesterEnd), dateOf(year.lastDay)];
  const spring = dateOf(year.weeks.find((week) => week.monday > year.semesterEnd && week.days.length > 0)!.days[0]!);
  academicSessions.row([sy, "", "", year.title, "schoolYear", first, last, "", year.ends]);
  const semesters = [
    [first, middle],
    [spring, last],
  ] as const;
  for (const [index, [begins, ends]] of semesters.entries()) {
    const title = `Semester ${index + 1} ${year.title}`;
    const id = semesterId(year, index + 1);
    academicSessions.row([id, "", "", title, "semester", begins, ends, sy, year.ends]);
  }
  let from = first;
  for (const [index, week] of quarterEnds(year).entries()) {
    const [title, semester] = [`Quarter ${index + 1} ${year.title}`, semesterId(year, index < 2 ? 1 : 2)];
    const ends = dateOf(year.weeks[week]!.days.at(-1)!);
    academicSessions.row([quarterId(year, index + 1), "", "", title, "gradingPeriod", from, ends, semester, year.ends]);
    from = dateOf(year.weeks.slice(week + 1).find(({ days }) => days.length > 0)?.days[0] ?? year.lastDay);
  }
  for (let grade = 6; grade <= 9; grade++) {
    for (const subject of subjects) {
      const [title, code] = subjectTitles[subject];
      const name = subject === "mathematics" && grade === 9 ? "Algebra 1" : `${title} ${grade}`;
      courses.row([
        courseId(subject, grade, year),
        "",
        "",
        sy,
        name,
        `${code}${grade}`,
        gradeCode(grade),
        DISTRICT,
        title,
        code,
      ]);
    }
  }
  const days = new Map<number, string>(year.holidays.map((day) => [day, "Holiday"]));
  for (const week of year.weeks) for (const day of week.days) days.set(day, "Instructional day");
  const known = [...days].filter(([day]) => day <= out.cutoff).sort(([a], [b]) => a - b);
  for (let school = 0; school < schools; school++) {
    for (const [day, event] of known) out.calendar.row([schoolId(school), dateOf(day), event]);
  }
}

/** The OneRoster id of a semester, 1 or 2. */
export const semesterId = ({ ends }: SchoolYear, semester: number): string => `sem-${ends}-${semester}`;

/** The OneRoster id of a quarter, 1 to 4. */
export const quarterId = ({ ends }: SchoolYear, quarter: number): string => `gp-${ends}-${quarter}`;

/** The OneRoster id of a course. */
export const courseId = (subject: Subject, grade: number, { ends }: SchoolYear): string =>
  `crs-${ends}-${subjectTitles[subject][1].toLowerCase()}-${grade}`;

function writeContentRows(out: ExportRows, curriculum: Curriculum): void {
  for (const { code, label, grade, requires, items, activities } of curriculum.standards) {
    out.standards.row([code, label, "math", gradeCode(grade)]);
    for (const required of requires) out.prerequisites.row([code, out.standardCode(required)]);
    for (const activity of activities) {
      const { id, title, modality, theme, minutes, difficulty, teachingEffect } = activity;
      out.activities.row([id, title, code, modalities[modality]!, minutes, difficulty]);
      out.truth.activities.row([id, teachingEffect, themes[theme]!]);
    }
    for (const { id, difficulty, discrimination, guess } of items)
      out.truth.items.row([id, code, difficulty, discrimination, guess]);
  }
}

/** Classes with their teachers, line items and learning objectives: what could only be known after the learners. */
export function writeSectionRows(
  out: ExportRows,
  { firstYear }: World,
  sections: readonly Section[],
  workOf: (section: Section) => readonly Work[],
): void {
  const teachers = new Set<string>();
  for (const section of sections) {
    const year = schoolYear(section.year);
    const [title, code] = subjectTitles[section.subject];
    const school = schoolId(section.school);
    const course = courseId(section.subject, section.grade, year);
    const name = `${title} ${section.grade}-${section.group + 1}`;
    const kind = section.subject === "homeroom" ? "homeroom" : "scheduled";
    const terms = `sem-${year.ends}-1,sem-${year.ends}-2`;
    const grade = gradeCode(section.grade);
    out.roster.classes.row([
      section.id,
      "",
      "",
      name,
      grade,
      course,
      `${code}${section.grade}-${section.group + 1}`,
      kind,
      "",
      school,
      terms,
      title,
      code,
      "",
    ]);
    if (!teachers.has(section.teacher)) staffRow(out, firstYear, section.teacher, "teacher", school, teachers.size);
    teachers.add(section.teacher);
    const begins = dateOf(year.firstDay);
    out.roster.enrollments.row([
      `enr-${section.id.slice(4)}-teacher`,
      "",
      "",
      section.id,
      school,
      section.teacher,
      "teacher",
      "true",
      begins,
      "",
      "",
    ]);
    for (const work of workOf(section)) if (work.assignDay <= out.cutoff) lineItemRows(out, section, work);
  }
  const schools = [...new Set(sections.map((section) => section.school))].sort((a, b) => a - b);
  for (const school of schools) {
    staffRow(out, firstYear, `cou-s${school + 1}`, "counselor", schoolId(school), 2 * school + 7);
    staffRow(out, firstYear, `pri-s${school + 1}`, "principal", schoolId(school), 2 * school + 8);
  }
}

function lineItemRows(out: ExportRows, section: Section, work: Work): void {
  const id = `${section.id}-${work.suffix}`;
  const [assigned, due] = [dateOf(work.assignDay), dateOf(work.dueDay)];
  const session = `sem-${schoolYear(section.year).ends}-${work.semester}`;
  out.roster.lineItems.row([
    id,
    "",
    "",
    work.title,
    "",
    assigned,
    due,
    section.id,
    `cat-${work.category}`,
    session,
    0,
    100,
    schoolId(section.school),
  ]);
  if (work.standard < 0) return;
  out.roster.lineItemLearningObjectiveIds.row([
    `llo-${id.slice(4)}`,
    "",
    "",
    id,
    "unknown",
    out.standardCode(work.standard),
  ]);
}

function staffRow(
  out: ExportRows,
  firstYear: number,
  sourcedId: string,
  role: string,
  school: string,
  number: number,
): void {
  const givenName = givenNames[(number * 7 + 3) % givenNames.length]!;
  const familyName = familyNames[(number * 11 + 5) % familyNames.length]!;
  userRow(out, { sourcedId, enabled: true, givenName, familyName, grade: "", school });
  out.roster.roles.row([
    `rol-${sourcedId}`,
    "",
    "",
    sourcedId,
    "primary",
    role,
    dateOf(schoolYear(firstYear).firstDay),
    "",
    school,
    "",
  ]);
}
