import { rosterTargets } from "../core/roster-targets.ts";
import type { Row } from "../core/row.ts";
import type { FileMapping, MappingContext } from "./mapping.ts";
import { base, grades, keyOf, keysOf, leading } from "./mapping.ts";

/** orgs.csv */
export const orgs: FileMapping = {
  name: "orgs",
  columns: [...leading, "name", "type", "identifier", "parentSourcedId"],
  required: ["sourcedId"],
  map(row, context) {
    const kind = row.wordOrRaw("type", ["department", "school", "district", "local", "state", "national"]);
    const values = [row.text("name"), kind, row.text("identifier"), keyOf(context, row.text("parentSourcedId"))];
    return [{ target: rosterTargets.org, record: base(row, context, values) }];
  },
};

/** academicSessions.csv */
export const terms: FileMapping = {
  name: "academicSessions",
  columns: [...leading, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"],
  required: ["sourcedId", "startDate", "endDate"],
  map(row, context) {
    const starts = row.requiredDate("startDate");
    const ends = row.requiredDate("endDate");
    if (starts !== "" && ends !== "" && ends < starts)
      row.fail("endDate", "BAD_VALUE", `expected an end on or after ${starts}, got ${ends}`);
    const kind = row.wordOrRaw("type", ["gradingPeriod", "semester", "schoolYear", "term"]);
    const year = row.integer("schoolYear", { minimum: 1900, maximum: 2200 });
    const values = [row.text("title"), kind, starts, ends, keyOf(context, row.text("parentSourcedId")), year];
    return [
      {
        target: rosterTargets.term,
        record: base(row, context, values, { ownDate: starts, validFrom: starts, validTo: ends }),
      },
    ];
  },
};

/** courses.csv */
export const courses: FileMapping = {
  name: "courses",
  columns: [
    ...leading,
    "schoolYearSourcedId",
    "title",
    "courseCode",
    "grades",
    "orgSourcedId",
    "subjects",
    "subjectCodes",
    "resourceSourcedIds",
  ],
  required: ["sourcedId"],
  map(row, context) {
    const values = [
      row.text("title"),
      row.text("courseCode"),
      row.list("subjects"),
      row.list("subjectCodes"),
      grades(row),
      keyOf(context, row.text("orgSourcedId")),
    ];
    return [{ target: rosterTargets.course, record: base(row, context, values) }];
  },
};

/** classes.csv */
export const sections: FileMapping = {
  name: "classes",
  columns: [
    ...leading,
    "title",
    "grades",
    "courseSourcedId",
    "classCode",
    "classType",
    "location",
    "schoolSourcedId",
    "termSourcedIds",
    "subjects",
    "subjectCodes",
    "periods",
    "resourceSourcedIds",
  ],
  required: ["sourcedId"],
  map(row, context) {
    const values = [
      row.text("title"),
      row.text("classCode"),
      row.wordOrRaw("classType", ["homeroom", "scheduled"]),
      keyOf(context, row.text("courseSourcedId")),
      keyOf(context, row.text("schoolSourcedId")),
      keysOf(context, row.list("termSourcedIds")),
      grades(row),
      row.list("subjects"),
    ];
    return [{ target: rosterTargets.section, record: base(row, context, values) }];
  },
};

/**
 * enrollments.csv. A row that was last changed when the learner left is still knowledge of the entry from the day of the
 * entry on: otherwise those who leave would be missing from every earlier day, and with them what there is to learn.
 */
export const sectionEnrolments: FileMapping = {
  name: "enrollments",
  columns: [
    ...leading,
    "classSourcedId",
    "schoolSourcedId",
    "userSourcedId",
    "role",
    "primary",
    "beginDate",
    "endDate",
  ],
  required: ["sourcedId", "classSourcedId", "userSourcedId", "role"],
  map(row, context) {
    const role =
      row.required("role") === "" ? null : row.wordOrRaw("role", ["administrator", "proctor", "student", "teacher"]);
    const begins = row.date("beginDate");
    const ends = row.date("endDate");
    const modified = row.dateOfMoment("dateLastModified");
    const entryKnownOn = ends === null ? (modified ?? begins) : (begins ?? modified);
    const values = [
      keyOf(context, row.required("classSourcedId")),
      keyOf(context, row.text("schoolSourcedId")),
      role,
      begins,
      ends,
      exitKind(row, context),
      entryKnownOn,
      ends === null ? null : (modified ?? ends),
    ];
    const record = base(row, context, values, {
      person: row.required("userSourcedId"),
      ownDate: begins,
      validFrom: begins,
      validTo: ends,
    });
    return [{ target: rosterTargets.sectionEnrolment, record }];
  },
};

function exitKind(row: Row, _context: MappingContext): string | null {
  return row.wordOrRaw("metadata.exitKind", ["transfer", "withdrawal"]);
}
