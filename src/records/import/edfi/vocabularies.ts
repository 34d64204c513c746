import { readGrade } from "../core/values.ts";
import type { Body, Descriptor } from "./body.ts";

/** A descriptor in cairn's words; `exact` is false when it is none that Ed-Fi publishes and was read with care. */
interface Reading<T> {
  readonly value: T;
  readonly exact: boolean;
}

/** Notes in the report that a site's own descriptor was read with care; the raw value stands beside the canonical one. */
function noted<T>(row: Body, field: string, { value, exact }: Reading<T>): T {
  if (!exact) row.lenient(`${field}: descriptor of the site's own, read with care`);
  return value;
}

/** What an attendance event says. `present` is no exception, so no record comes of it. */
export interface AttendanceReading {
  readonly category: "absent" | "tardy" | "partial" | "present";
  readonly excused: boolean | null;
}

const attendance: Readonly<Record<string, AttendanceReading>> = {
  "excused absence": { category: "absent", excused: true },
  "unexcused absence": { category: "absent", excused: false },
  tardy: { category: "tardy", excused: null },
  partial: { category: "partial", excused: null },
  "early departure": { category: "partial", excused: null },
  "in attendance": { category: "present", excused: null },
  present: { category: "present", excused: null },
};

/** Attendance in cairn's words. A descriptor that nothing tells apart is an exception that counts as no day absent. */
export function readAttendance(row: Body, descriptor: Descriptor): AttendanceReading {
  const code = descriptor.code.toLowerCase();
  const known = attendance[code];
  if (known !== undefined) return known;
  const value: AttendanceReading = /unexcused|truan/.test(code)
    ? { category: "absent", excused: false }
    : /excused/.test(code)
      ? { category: "absent", excused: true }
      : /absen/.test(code)
        ? { category: "absent", excused: null }
        : /tard|late/.test(code)
          ? { category: "tardy", excused: null }
          : { category: "partial", excused: null };
  return noted(row, "attendanceEventCategoryDescriptor", { value, exact: false });
}

/** How grave a behavior is. What nobody has mapped is minor: the record does not accuse on a guess. */
export function readSeverity(row: Body, descriptor: Descriptor | null): "state-offense" | "conduct" | "minor" {
  const code = descriptor?.code.toLowerCase() ?? "";
  if (code === "state offense") return "state-offense";
  if (code === "school code of conduct" || code === "school violation") return "conduct";
  return noted(row, "behaviorDescriptor", { value: "minor", exact: code === "other" });
}

const participations = ["perpetrator", "victim", "witness", "reporter"] as const;

/**
 * The part a student had in an incident: a perpetrator where one of the codes says so, else the first known code, else, of
 * codes nobody has mapped, a witness: the record does not accuse on a guess.
 */
export function readParticipation(row: Body, codes: readonly Descriptor[]): (typeof participations)[number] {
  const known = codes.flatMap(({ code }) => participations.filter((word) => word === code.toLowerCase()));
  if (known.includes("perpetrator")) return "perpetrator";
  const first = known[0];
  if (first !== undefined) return first;
  return noted(row, "disciplineIncidentParticipationCodeDescriptor", { value: "witness", exact: false });
}

/** The events of a calendar on which there is school; all others are days without. */
const schoolDays: ReadonlySet<string> = new Set([
  "instructional day",
  "make-up day",
  "student late arrival/early dismissal",
]);
const daysOff: ReadonlySet<string> = new Set([
  "emergency day",
  "holiday",
  "other",
  "strike",
  "teacher only day",
  "weather day",
  "non-instructional day",
]);

/** Whether there is school on a day with this event; an unknown event is no day of school, so that no rate falls by a guess. */
export function isInstructional(row: Body, descriptor: Descriptor): boolean {
  const code = descriptor.code.toLowerCase();
  if (schoolDays.has(code)) return true;
  return noted(row, "calendarEventDescriptor", { value: false, exact: daysOff.has(code) });
}

const numbers = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(" ");
const grades: Readonly<Record<string, string>> = {
  "infant/toddler": "IT",
  preschool: "PK",
  prekindergarten: "PK",
  "preschool/prekindergarten": "PK",
  "early education": "PK",
  "transitional kindergarten": "TK",
  kindergarten: "K",
  "grade 13": "13",
  postsecondary: "PS",
  ungraded: "UG",
  "adult education": "AE",
  other: "Other",
  "out of school": "OS",
};

/** A grade level in the one form of the record; null for "no grade level". */
export function readGradeLevel(descriptor: Descriptor | null): string | null {
  if (descriptor === null) return null;
  const code = descriptor.code.toLowerCase();
  if (code === "no grade level") return null;
  const ordinal = numbers.indexOf(code.replace(/ grade$/, ""));
  return ordinal >= 0 ? String(ordinal + 1) : (grades[code] ?? readGrade(descriptor.code));
}

/** What a term is: a semester, a school year, else a term. */
export function readTermKind(descriptor: Descriptor | null): "semester" | "schoolYear" | "term" {
  const code = descriptor?.code.toLowerCase() ?? "";
  if (code.endsWith("semester")) return "semester";
  return code === "year round" ? "schoolYear" : "term";
}

const gradeKinds = {
  conduct: "conduct",
  exam: "exam",
  final: "final",
  "grading period": "grading-period",
  "mid-term grade": "midterm",
  "progress report": "progress",
  semester: "semester",
} as const;

/** What kind of mark it is; a site's own kind is a report of progress, never a final mark. */
export function readGradeKind(row: Body, descriptor: Descriptor | null): (typeof gradeKinds)[keyof typeof gradeKinds] {
  const known = gradeKinds[(descriptor?.code.toLowerCase() ?? "") as keyof typeof gradeKinds];
  return known ?? noted(row, "gradeTypeDescriptor", { value: "progress", exact: false });
}

/** Why a student left: to another school, or out of school. Null where the school year or the programme ended, or nobody knows. */
export function readExit(row: Body, descriptor: Descriptor | null): "transfer" | "withdrawal" | null {
  if (descriptor === null) return null;
  const code = descriptor.code.toLowerCase();
  if (/^transfer|^enrolled in|moved/.test(code)) return "transfer";
  if (
    /^(dropout|dropped out|withdrawn|expelled|incarcerated|involuntarily removed|reached maximum age|no show)/.test(
      code,
    )
  )
    return "withdrawal";
  const ended = /^(completed|graduated|end of school year|died|invalid enrollment|other)/.test(code);
  return noted(row, "exitWithdrawTypeDescriptor", { value: null, exact: ended });
}

const races: readonly (readonly [string, number])[] = [
  ["american indian or alaska native", 0],
  ["american indian - alaska native", 0],
  ["asian", 1],
  ["black or african american", 2],
  ["black - african american", 2],
  ["native hawaiian or pacific islander", 3],
  ["native hawaiian or other pacific islander", 3],
  ["native hawaiian - pacific islander", 3],
  ["white", 4],
];

/** The five columns of race, each true where a descriptor says so; all null when no race is given. */
export function readRaces(row: Body, descriptors: readonly Descriptor[]): (boolean | null)[] {
  if (descriptors.length === 0) return [null, null, null, null, null];
  const said = [false, false, false, false, false];
  for (const { code } of descriptors) {
    const known = races.find(([name]) => name === code.toLowerCase());
    if (known !== undefined) said[known[1]] = true;
    else row.lenient("raceDescriptor: none of the five of the record, left out");
  }
  return said;
}

/** Sex in the words of the record. */
export function readSex(row: Body, descriptor: Descriptor | null): string | null {
  if (descriptor === null) return null;
  const code = descriptor.code.toLowerCase();
  if (code === "female" || code === "male") return code;
  if (code === "non-binary") return "other";
  return noted(row, "sexDescriptor", { value: "unspecified", exact: code === "not selected" });
}

type SupportKind = "iep" | "504" | "english-learner" | "meals" | "title-i" | "homeless" | "gifted" | "other";

const programKinds: readonly (readonly [RegExp, SupportKind])[] = [
  [/^(special education|idea|preschool special education)/i, "iep"],
  [/^section 504/i, "504"],
  [/^(bilingual|english as a second language)/i, "english-learner"],
  [/^student school food service/i, "meals"],
  [/^title i part a/i, "title-i"],
  [/^homeless/i, "homeless"],
  [/^gifted/i, "gifted"],
];

/** The kind of support a programme gives, by its type; what is none of them is `other`, with the type beside it. */
export function readProgramKind(descriptor: Descriptor | null): SupportKind {
  return programKinds.find(([type]) => type.test(descriptor?.code ?? ""))?.[1] ?? "other";
}

const staffRoles: readonly (readonly [RegExp, string])[] = [
  [/counselor/i, "counselor"],
  [/teacher|instructional coordinator/i, "teacher"],
  [/\baide\b|paraprofessional/i, "aide"],
  [/principal/i, "principal"],
  [/superintendent|^(lea|state) .*administrat/i, "districtAdministrator"],
  [/^school (administrat|leader)/i, "siteAdministrator"],
];

/** The role of a member of staff; null for work that has no role towards learners in the record. */
export function readStaffRole(descriptor: Descriptor | null): string | null {
  return staffRoles.find(([name]) => name.test(descriptor?.code ?? ""))?.[1] ?? null;
}
