import { expect, test } from "vitest";
import { answerQuestion } from "../../../src/engine/answers/answer.ts";
import type { Facts } from "../../../src/engine/answers/facts.ts";
import { profileOfRecord } from "../../../src/engine/answers/profile.ts";
import { questions } from "../../../src/engine/answers/questions.ts";

const nothing: Facts = {
  on: "2025-12-13",
  enrolment: null,
  attendance: { absent: 0, unexcused: 0, tardy: 0, days: null, on: null, records: 0 },
  marks: [],
  transcript: null,
  work: [],
  upcoming: [],
  standards: [],
  tests: [],
  goals: [],
  milestones: [],
  preferences: [],
  notes: [],
  supports: [],
  interventions: [],
  achievements: [],
  incidents: { count: 0, on: null },
  profile: profileOfRecord({ answers: [], events: [], likings: [], ways: new Map() }),
  practisedOn: null,
  score: { status: "none", why: "The school has not looked for early signs yet." },
  peers: null,
};

const answer = (audience: "parent" | "teacher", id: string, facts: Partial<Facts>) =>
  answerQuestion(questions[audience].find((question) => question.id === id)!, { ...nothing, ...facts }, []);
const sentences = (...asked: Parameters<typeof answer>): string[] =>
  answer(...asked).findings.map((one) => one.sentence);

test("of whom nothing is known, no question has an answer, and each says in words what is not known", () => {
  for (const question of [...questions.parent, ...questions.teacher]) {
    const { status, findings, notKnown } = answerQuestion(question, nothing, []);
    expect({ id: question.id, status, findings }).toEqual({ id: question.id, status: "not known", findings: [] });
    expect(notKnown.length).toBeGreaterThan(0);
    for (const words of notKnown) expect(words).toMatch(/^[A-Z].{15,}[.]$/);
  }
});

test("the seed's questions are all there, once each", () => {
  const ids = (audience: "parent" | "teacher"): string[] => questions[audience].map(({ id }) => id);
  expect(ids("parent")).toEqual([
    "on-track-to-graduate",
    "college",
    "thriving",
    "compared-with-peers",
    "struggling",
    "help-at-home",
    "environment",
    "get-involved",
  ]);
  expect(ids("teacher")).toEqual([
    "environment",
    "standards-met",
    "goals",
    "support-at-home",
    "alone-or-with-peers",
    "interests",
    "flags",
    "other-teachers",
  ]);
});

test("an estimate is said with its range and to be one; without one it is said why", () => {
  const score = {
    status: "scored",
    asOf: "2025-12-12",
    probability: 0.234,
    low: 0.15,
    high: 0.33,
    reasons: [
      { group: "Attendance", contribution: 0.9, actionable: true, words: "9 days absent; typical is 2" },
      { group: "Last year", contribution: 0.5, actionable: false, words: "final mark 58; typical is 74" },
    ],
    strengths: [],
    thriving: null,
  } as const;
  const said = sentences("parent", "on-track-to-graduate", { score }).join(" ");
  expect(said).toContain("about 23 % ended a year off track, somewhere between 15 % and 33 %");
  expect(said).toContain("not a verdict");
  // What nobody can act on is no answer to a parent's "where is my child struggling?".
  expect(sentences("parent", "struggling", { score })).toEqual([
    "What weighs most in the school's estimate and can be changed: attendance.",
  ]);
  expect(sentences("teacher", "flags", { score }).at(-1)).toBe("Attendance: 9 days absent; typical is 2.");
  expect(answer("parent", "on-track-to-graduate", {}).notKnown).toContain(
    "The school has not looked for early signs yet.",
  );
});

test("silence of attendance is not presence; a tenth of the days is said to put a year at risk", () => {
  const attendance = { absent: 6, unexcused: 2, tardy: 1, days: 60, on: "2025-12-01", records: 7 };
  const [said] = sentences("teacher", "flags", { attendance });
  expect(said).toContain("Absent on 6 days of 60 (10 %) this year, 2 of them without an excuse; late on 1 day.");
  expect(said).toContain("a tenth of the days or more");
  expect(sentences("teacher", "flags", { attendance: { ...attendance, absent: 5 } })[0]).not.toContain("at risk");
  expect(answer("teacher", "flags", {}).notKnown.join(" ")).toContain(
    "that alone does not say that all days were attended",
  );
});

test("standards are met from the catalog's own line on, and failed courses come before passed ones", () => {
  const standards = [
    { label: "Ratios", score: 0.7, pieces: 10, on: "2025-12-01" },
    { label: "Fractions", score: 0.69, pieces: 12, on: "2025-12-03" },
  ];
  expect(sentences("teacher", "standards-met", { standards })).toEqual([
    "Meets 1 of 2 standards with enough evidence: Ratios (70 %).",
    "Not met yet: Fractions (69 % right lately).",
  ]);
  const marks = [
    { course: "Math", letter: null, score: 59, on: "2025-11-01" },
    { course: "Music", letter: "A", score: 95, on: "2025-11-02" },
  ];
  expect(sentences("parent", "on-track-to-graduate", { marks })[0]).toBe("Not passing at the moment: Math (59).");
  expect(sentences("parent", "thriving", { marks })).toEqual(["Strong marks: Music (A)."]);
});

test("entitlements that ask nothing of a teacher are not told to her", () => {
  const supports = ["meals", "homeless", "title-i", "other", "504"].map((kind) => ({
    kind,
    accommodations: kind === "504" ? ["extra time"] : [],
    on: "2025-09-01",
  }));
  expect(sentences("teacher", "flags", { supports })).toEqual(["A section 504 plan in force: extra time."]);
});

test("help that has begun without a session says so; a goal past its day says that it was due", () => {
  const interventions = [{ name: "Tutoring", given: 0, missed: 0, lastOn: null, isOpen: true }];
  const goal = {
    title: "Read a novel",
    status: "open",
    dueOn: "2025-10-01",
    nextStep: null,
    setOn: "2025-09-01",
  } as const;
  expect(sentences("parent", "get-involved", { interventions, goals: [goal] })).toEqual([
    "Goal: Read a novel, which was due on 2025-10-01.",
    "Tutoring is under way: no session is recorded yet.",
  ]);
});

test("notes are quoted word for word, the family's apart from the teachers'", () => {
  const note = (by: string, text: string) => ({ kind: "comment", text, by, subject: null, on: "2025-10-01" }) as const;
  const notes = [note("teacher", "Asks good questions."), note("parent", "We read every evening.")];
  expect(sentences("teacher", "other-teachers", { notes })).toEqual(['teacher (2025-10-01): "Asks good questions."']);
  expect(sentences("teacher", "support-at-home", { notes })).toEqual(['parent (2025-10-01): "We read every evening."']);
});

test("ways of working are compared only where the interval tells them apart; likings say who said them", () => {
  const tries = (item: string, right: number, wrong: number) =>
    Array.from({ length: right + wrong }, (_, index) => ({ item, correct: index < right ? 1 : 0 }));
  const ways = new Map([
    ["g", { modality: "game", setting: "pair" }],
    ["r", { modality: "reading", setting: "alone" }],
  ]);
  const liking = { kind: "setting", value: "Pair", strength: 0.8, said_by: "learner", on_date: "2025-09-01" };
  const profileFrom = (right: number) =>
    profileOfRecord({
      answers: [...tries("g", right, 60 - right), ...tries("r", 20, 40)],
      events: [],
      likings: [liking],
      ways,
    });
  const asked = { preferences: [{ kind: "setting", value: "Pair", strength: 0.8, by: "learner", on: "2025-09-01" }] };
  const clear = { ...asked, profile: profileFrom(55), practisedOn: "2025-12-01" };
  expect(sentences("teacher", "environment", clear).join(" ")).toMatch(
    /With game, \d+ % of the answers are right, above/,
  );
  const settings = sentences("teacher", "alone-or-with-peers", clear);
  expect(settings[0]).toMatch(/^Working alone, \d+ % .* below|^Working in a pair, \d+ % .* above/);
  expect(settings.at(-1)).toBe("Likes to work this way: Pair (said by the learner).");
  const unclear = answer("teacher", "alone-or-with-peers", { ...asked, profile: profileFrom(21) });
  expect(unclear.status).toBe("partly");
  expect(unclear.notKnown.join(" ")).toContain("does not tell the settings apart");
});

test("what a decision keeps from the reader is said beside what is known", () => {
  const question = questions.teacher.find(({ id }) => id === "goals")!;
  const goal = {
    title: "Read a novel",
    status: "open",
    dueOn: null,
    nextStep: "chapter 3",
    setOn: "2025-09-01",
  } as const;
  const withheld = [
    { dataClass: "goals", words: "Not shown here: goals (refused)." },
    { dataClass: "attendance", words: "Not shown here: attendance (refused)." },
  ] as const;
  const { findings, notKnown, status } = answerQuestion(question, { ...nothing, goals: [goal] }, withheld);
  expect(findings.map(({ sentence }) => sentence)).toEqual(["Goal: Read a novel. Next step: chapter 3."]);
  expect(notKnown).toEqual(["Not shown here: goals (refused)."]); // attendance is not what this question reads
  expect(status).toBe("partly");
});
