import type { ExportRows } from "./export-rows.ts";

/** The OneRoster id of a school. */
export function schoolId(school: number): string {
  return `org-school-${school + 1}`;
}

/** A grade as OneRoster writes it. */
export const gradeCode = (grade: number): string => String(grade).padStart(2, "0");

/** A person as users.csv needs it. */
export interface UserCells {
  readonly sourcedId: string;
  readonly enabled: boolean;
  /** The district's number; learners only. */
  readonly studentId?: string;
  /** The state's number, where two districts know the same person. */
  readonly stateId?: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly grade: string;
  readonly school: string;
}

/** One row of users.csv. */
export function userRow(out: ExportRows, user: UserCells): void {
  const { sourcedId, enabled, studentId, stateId, givenName, familyName, grade, school } = user;
  const state = stateId === undefined ? "" : `,{StateId:${stateId}}`;
  const ids = studentId === undefined ? "" : `{DistrictId:${studentId}}${state}`;
  const names = [ids, givenName, familyName, "", studentId ?? ""];
  const blank = ["", "", "", ""]; // email, sms, phone, agents
  out.roster.users.row([
    sourcedId,
    "",
    "",
    String(enabled),
    `u${studentId ?? sourcedId.slice(4)}`,
    ...names,
    ...blank,
    grade,
    "",
    "",
    "",
    "",
    "",
    school,
    "",
  ]);
}
