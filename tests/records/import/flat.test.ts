import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { flatProfiles } from "../../../src/records/import/flat/profiles.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, roster, scratchFolder, unpacked, versions } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

let tenantId: string;
const receivedAt = new Date("2025-12-12T08:00:00Z");

async function enrolled(): Promise<string> {
  const id = await district(database());
  await importOneRoster(database(), { tenantId: id, path: await unpacked(roster()), receivedAt });
  return id;
}

beforeAll(async () => {
  tenantId = await enrolled();
});

async function take(
  profile: string,
  text: string | Buffer,
  options: { tenantId?: string; receivedAt?: Date } = {},
): Promise<ImportReport> {
  const path = join(await scratchFolder(), `${profile}.csv`);
  await writeFile(path, text);
  return importFlat(database(), { tenantId, profile, path, receivedAt, ...options });
}

test("every profile reads its columns in any order, and says what it has no column for", async () => {
  const samples: Record<keyof typeof flatProfiles, [string, string, object]> = {
    calendar: [
      "event,date,school_id,note",
      "Instructional day,2024-09-03,s1,x",
      { org_key: "sis:s1", on_date: "2024-09-03", instructional: true },
    ],
    attendance: [
      "student_id,date,category,excused,reason,recorded_on",
      "1001,2024-09-03,absent,true,flu,2024-09-05",
      { on_date: "2024-09-03", category: "absent", excused: true, reason_raw: "flu", known_on: "2024-09-05" },
    ],
    behavior: [
      "incident_id,student_id,date,severity,participation,action,recorded_on",
      "i1,1001,2024-09-03,conduct,victim,,2024-09-03",
      { incident: "i1", severity: "conduct", participation: "victim", action: null },
    ],
    survey: [
      "student_id,date,instrument,scale,item,answer,recorded_on",
      "1001,2024-10-01,climate,persistence,p1,4,2024-10-03",
      { scale: "persistence", answer: 4, known_on: "2024-10-03" },
    ],
    responses: [
      "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds",
      "1001,i1,7.NS.A.1,2024-09-03T10:00:00-05:00,true,2,1,12.5",
      {
        item: "i1",
        answered_at: "2024-09-03 15:00:00",
        correct: 1,
        attempts: 2,
        hints: 1,
        seconds: 12.5,
        known_on: "2024-09-03",
        class: "contributed",
      },
    ],
    events: [
      "student_id,at,verb,activity,kind,seconds,event_id,source",
      "1001,2024-09-03 10:00,viewed,a1,video,90,e1,lms",
      { verb: "viewed", activity: "a1", seconds: 90, sensor: "lms", source_record_id: "e1" },
    ],
    standards: [
      "standard,label,subject,grade",
      "7.NS.A.1,Add rationals,math,07",
      { standard: "7.NS.A.1", label: "Add rationals" },
    ],
    prerequisites: ["standard,requires", "7.NS.A.1,6.NS.C.5", { standard: "7.NS.A.1", requires: "6.NS.C.5" }],
    activities: [
      "activity,title,standard,modality,minutes,difficulty",
      "a1,Number line,7.NS.A.1,game,12,-0.4",
      { activity: "a1", minutes: 12, difficulty: -0.4 },
    ],
    consent: [
      "student_id,purpose,decision,decided_on,decided_by",
      "1001,playlist,deny,2024-09-01,parent",
      { purpose: "playlist", decision: "deny", known_on: "2024-09-01" },
    ],
    enrolment: [
      "student_id,school_id,period,starts_on,ends_on,grade,entered_on,exited_on,exit_kind,recorded_on",
      "1002,s1,2023-24,2023-08-21,2024-06-07,06,2023-08-21,2024-02-01,transfer,2024-02-03",
      {
        org_key: "sis:s1",
        period: "2023-24",
        grade: "6",
        exited_on: "2024-02-01",
        exit_known_on: "2024-02-03",
        entry_known_on: "2023-08-21",
      },
    ],
    supports: [
      "student_id,kind,detail,begins_on,ends_on,recorded_on",
      "1001,IEP,reading,2023-09-01,2024-05-30,",
      // Without a recording date the end was known when it had come, not before.
      { kind: "iep", kind_raw: "IEP", detail: "reading", ends_on: "2024-05-30", known_on: "2024-05-30" },
    ],
    "course-grades": [
      "student_id,course_id,section_id,term,kind,letter,numeric,numeric_maximum,credits_attempted,credits_earned,date,recorded_on",
      "1001,c1,k25,t25,semester,B+,85.12,100,0.5,0.5,2024-12-20,2024-12-22",
      {
        course_key: "sis:c1",
        section_key: "sis:k25",
        term_key: "sis:t25",
        letter: "B+",
        numeric: 85.12,
        credits_earned: 0.5,
      },
    ],
    assessments: [
      "student_id,assessment_id,title,subject,family,date,score,score_kind,standard_error,percentile,performance_level,validity,part,part_kind,standard,recorded_on",
      "1001,map-math,MAP,math,MAP,2024-10-01,221,RIT,3.1,64,Average,rushed,,,,2024-10-02",
      { assessment_key: "flat:map-math", score: 221, percentile: 64, validity: "rushed", known_on: "2024-10-02" },
    ],
    observations: [
      "student_id,standard,date,score,level,entered_by,kind,recorded_on",
      "1001,7.NS.A.1,2024-10-03,0.75,nearly,teacher,exit ticket,",
      { standard: "7.NS.A.1", score: 0.75, entered_by: "teacher", class: "certified" },
    ],
    interventions: [
      "intervention_id,name,kind,description,minutes_per_dose",
      "tutoring,High-dosage tutoring,academic,Three a week,30",
      { intervention: "tutoring", minutes_per_dose: 30 },
    ],
    "intervention-assignments": [
      "student_id,intervention_id,begins_on,ends_on,reason,standard,group,assigned_by,recorded_on",
      "1001,tutoring,2025-10-01,2026-02-01,gap,7.NS.A.1,g1,teacher,",
      // An end that lies ahead of the receipt was planned.
      { intervention: "tutoring", group: "g1", ends_on: "2026-02-01", known_on: "2025-10-01" },
    ],
    doses: [
      "student_id,intervention_id,date,minutes,attended,delivered_by,recorded_on",
      "1001,tutoring,2025-10-02,28,true,tutor,2025-10-03",
      { intervention: "tutoring", minutes: 28, attended: true },
    ],
    "scale-scores": [
      "student_id,date,instrument,scale,score,items,reliability,recorded_on",
      "1001,2024-10-01,climate,character,3.4,5,0.81,",
      { scale: "character", score: 3.4, items: 5, reliability: 0.81 },
    ],
    goals: [
      "student_id,goal_id,title,subject,standard,status,set_on,due_on,achieved_on,recorded_on",
      "1001,g1,Read daily,english,,achieved,2024-09-01,2024-12-01,2024-11-20,",
      { goal: "g1", status: "achieved", known_on: "2024-11-20", class: "contributed" },
    ],
    "goal-steps": [
      "student_id,goal_id,step_id,title,position,status,due_on,done_on,recorded_on",
      "1001,g1,s1,Pick a book,1,done,,2024-09-03,",
      { goal: "g1", step: "s1", position: 1, done_on: "2024-09-03" },
    ],
    preferences: [
      "student_id,kind,value,strength,date,said_by,recorded_on",
      "1001,modality,video,-0.5,2024-09-05,learner,",
      { kind: "modality", value: "video", strength: -0.5, said_by: "learner" },
    ],
    narratives: [
      "student_id,narrative_id,kind,text,date,author_role,recorded_on",
      '1001,n1,asset,"Asks, and listens",2024-10-05,teacher,',
      { kind: "asset", text: "Asks, and listens", author_role: "teacher" },
    ],
    milestones: [
      "student_id,pathway,milestone,status,date,due_on,recorded_on",
      "1001,college,FAFSA,met,2025-02-01,2025-03-01,",
      { pathway: "college", status: "met", on_date: "2025-02-01" },
    ],
    "service-hours": [
      "student_id,date,hours,description,recorded_on",
      "1001,2024-11-02,3.5,Food bank,",
      { hours: 3.5, description: "Food bank" },
    ],
    "personal-bests": [
      "student_id,subject,title,date,score,artifact_id,recorded_on",
      "1001,english,Essay on bees,2024-11-12,94,e7,",
      { subject: "english", artifact: "e7", class: "certified" },
    ],
    achievements: [
      "student_id,achievement_id,area,title,level,date,recorded_on",
      "1001,a1,music,Second violin,district,2024-05-01,",
      { area: "music", level: "district" },
    ],
  };
  for (const [profile, [head, row, expected]] of Object.entries(samples)) {
    const report = await take(profile, `${head}\n${row}\n`);
    expect(report.refusals, profile).toEqual([]);
    expect(report.files, profile).toEqual([
      { file: `${profile}.csv`, rows: 1, new: 1, changed: 0, unchanged: 0, refused: 0 },
    ]);
    const { table } = flatProfiles[profile as keyof typeof flatProfiles].target;
    const [stored] = await query(database(), tenantId, `select * from ${table} where batch_id = '${report.batchId}'`);
    expect(stored, profile).toMatchObject(expected);
  }
  const calendar = await take("calendar", "school_id,date,event,note\ns1,2024-09-04,Holiday,x\n");
  expect(calendar.leniencies).toContainEqual({ file: "calendar.csv", what: "unknown column note", count: 1 });
});

test("a sub-score stands beside the result it is a part of, and is refused when there is none", async () => {
  const own = await enrolled();
  const head = "student_id,assessment_id,date,score,part,part_kind,standard";
  const report = await take(
    "assessments",
    `${head}\n1001,star,2024-10-01,0.4,Fractions,standard,5.NF.A.1\n1001,star,2024-10-01,612,,,\n1002,star,2024-10-01,0.9,Fractions,standard,5.NF.A.1\n`,
    { tenantId: own },
  );
  expect(report.files).toMatchObject([{ rows: 3, new: 2, changed: 0, unchanged: 0, refused: 1 }]);
  expect(report.refusals).toMatchObject([{ line: 4, column: "assessment_id", code: "DANGLING" }]);
  expect(
    await query(
      database(),
      own,
      "select s.part, s.standard, r.score, a.assessment from sub_result s join assessment_result r on r.record_key = s.result_key join assessment a on a.record_key = r.assessment_key",
    ),
  ).toEqual([{ part: "Fractions", standard: "5.NF.A.1", score: 612, assessment: "star" }]);
});

test("an intervention that is not there is kept by its id, and said", async () => {
  const own = await enrolled();
  const report = await take("doses", "student_id,intervention_id,date\n1001,unheard,2024-10-01\n", { tenantId: own });
  expect(report.files).toMatchObject([{ new: 1, refused: 0 }]);
  expect(report.leniencies).toMatchObject([
    { what: "intervention_id: points at a record of intervention that is not there" },
  ]);
});

describe("rows that cannot be true", () => {
  const head = "student_id,date,category,excused,reason,recorded_on\n";
  test.each([
    ["an unknown student", "4711,2024-09-10,absent,true,,", "student_id", "DANGLING"],
    ["a day that does not exist", "1001,2025-02-30,absent,true,,", "date", "BAD_VALUE"],
    ["a word outside the vocabulary", "1001,2024-09-10,away,true,,", "category", "BAD_VALUE"],
    ["no student", ",2024-09-10,absent,true,,", "student_id", "MISSING"],
    ["a truth value that is none", "1001,2024-09-10,absent,perhaps,,", "excused", "BAD_VALUE"],
  ])("%s is refused with its line and column, and its neighbours go in", async (_name, row, column, code) => {
    const own = await enrolled();
    const report = await take("attendance", `${head}1001,2024-09-09,tardy,,,\n${row}\n1002,2024-09-09,absent,,,\n`, {
      tenantId: own,
    });
    expect(report.files).toMatchObject([{ rows: 3, new: 2, refused: 1 }]);
    expect(report.refusals).toEqual([
      { file: "attendance.csv", line: 3, column, code, reason: expect.stringMatching(/^expected /) },
    ]);
    expect(await query(database(), own, "select raw from import_refusal where file = 'attendance.csv'")).toEqual([
      { raw: row },
    ]);
  });

  test("an unknown school, an answer off the scale, a standard that needs itself", async () => {
    expect((await take("calendar", "school_id,date,event\ns77,2024-09-03,Holiday\n")).refusals).toMatchObject([
      { column: "school_id", code: "DANGLING" },
    ]);
    expect(
      (await take("survey", "student_id,date,instrument,scale,item,answer\n1001,2024-10-01,c,s,i,6\n")).refusals,
    ).toMatchObject([{ column: "answer", code: "BAD_VALUE" }]);
    expect((await take("prerequisites", "standard,requires\nA,A\n")).refusals).toMatchObject([
      { column: "requires", code: "BAD_VALUE" },
    ]);
  });

  test("two different rows for one day of one student: the second is refused, naming the first", async () => {
    const own = await enrolled();
    const report = await take(
      "attendance",
      `${head}1001,2024-09-09,absent,,,\n1001,2024-09-09,tardy,,,\n1001,2024-09-09,absent,,,\n`,
      { tenantId: own },
    );
    expect(report.refusals).toMatchObject([{ line: 3, code: "DUPLICATE", reason: expect.stringContaining("line 2") }]);
    expect(report.leniencies).toContainEqual({ file: "attendance.csv", what: "identical row repeated", count: 1 });
    expect(report.files).toMatchObject([{ rows: 3, new: 1, unchanged: 1, refused: 1 }]);
  });

  test("an id that two people have", async () => {
    const own = await district(database());
    const users =
      "sourcedId,enabledUser,username,userIds,givenName,familyName\nu1,true,a,{DistrictId:5},Ada,Quillfeather\nu2,true,b,{StateId:5},Ben,Ostrowski\n";
    const {
      "results.csv": _r,
      "resultLearningObjectiveIds.csv": _o,
      "enrollments.csv": _e,
      "roles.csv": _p,
      "demographics.csv": _d,
      "lineItems.csv": _l,
      ...rest
    } = roster({ "users.csv": users });
    await importOneRoster(database(), { tenantId: own, path: await unpacked(rest), receivedAt });
    const report = await take("attendance", `${head}5,2024-09-09,absent,,,\n`, { tenantId: own });
    expect(report.refusals).toMatchObject([{ column: "student_id", code: "AMBIGUOUS" }]);
  });
});

test("a correction is a new version; a day recorded before it happened is taken as the day; line ends may be mixed", async () => {
  const own = await enrolled();
  const head = "student_id,date,category,excused,reason,recorded_on";
  const first = await take(
    "attendance",
    `${head}\r\n1001,2024-09-09,absent,false,,2024-09-08\n1002,2024-09-09,tardy,,,2024-09-10\n`,
    { tenantId: own },
  );
  expect(first.leniencies.map(({ what }) => what)).toEqual([
    "mixed line ends",
    "recorded_on before the day itself: the day taken",
  ]);
  const second = await take("attendance", `${head}\n1001,2024-09-09,absent,true,flu,2024-09-09\n`, {
    tenantId: own,
    receivedAt: new Date("2026-01-02T00:00:00Z"),
  });
  expect(second.files).toMatchObject([{ changed: 1 }]);
  const rows = await query(
    database(),
    own,
    "select excused, known_on from attendance_event order by record_key, version_id",
  );
  expect(rows).toEqual([
    { excused: false, known_on: "2024-09-09" },
    { excused: true, known_on: "2026-01-02" },
    { excused: null, known_on: "2024-09-10" },
  ]);
});

test("tabs, line ends, backslashes and quotes are stored as they came; a NUL, which PostgreSQL cannot hold, is dropped", async () => {
  const own = await enrolled();
  const reason = 'a\tb\\c\\N "d"\ne\r\nf';
  const cell = `"${reason.replaceAll('"', '""')}\0"`;
  await take("attendance", `student_id,date,category,reason\n1001,2024-09-09,absent,${cell}\n`, { tenantId: own });
  expect(await query(database(), own, "select reason_raw from attendance_event")).toEqual([{ reason_raw: reason }]);
});

test("an unknown profile, a missing column and a missing file are said plainly", async () => {
  await expect(take("lunches", "a\n")).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining("attendance"),
  });
  await expect(take("attendance", "1001,2024-09-09,absent\n")).rejects.toMatchObject({
    code: "UNREADABLE_FILE",
    message: expect.stringContaining("student_id"),
  });
  await expect(
    importFlat(database(), { tenantId, profile: "survey", path: "/nowhere/survey.csv", receivedAt }),
  ).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
});

test("the same file twice changes nothing, in whatever order its rows stand", async () => {
  const row = fc.record({
    student: fc.constantFrom("1001", "1002", "4711"),
    item: fc.constantFrom("i1", 'i"2', "i|3", "i,4", "ï5"),
    at: fc.constantFrom("2024-09-03T10:00:00Z", "2024-09-03 11:00", "2025-02-30"),
    correct: fc.constantFrom("0", "1", "0.5", "true", ""),
  });
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, { selector: ({ student, item, at }) => `${student}/${item}/${at}`, maxLength: 12 }),
      async (rows) => {
        const own = await enrolled();
        const text = (some: typeof rows) =>
          `student_id,item_id,standard,answered_at,correct\n${some.map((one) => `${one.student},${quote(one.item)},,${one.at},${one.correct}`).join("\n")}\n`;
        const first = await take("responses", text(rows), { tenantId: own });
        const before = await versions(database(), own);
        const second = await take("responses", text(rows.toReversed()), {
          tenantId: own,
          receivedAt: new Date("2026-03-01T00:00:00Z"),
        });
        expect(await versions(database(), own)).toEqual(before);
        expect(second.files[0]).toEqual({
          ...first.files[0],
          new: 0,
          unchanged: (first.files[0]?.new ?? 0) + (first.files[0]?.unchanged ?? 0),
        });
      },
    ),
    { numRuns: 10 },
  );
});
