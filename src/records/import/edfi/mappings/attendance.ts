import type { ResourceMapping } from "../mapping.ts";
import { record, sectionId, sessionId, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readAttendance } from "../vocabularies.ts";
import { sectionKey } from "./school.ts";

/**
 * Attendance events of one scope: exceptions only. A student without one was there if she was enrolled and there was school,
 * which this resource does not say. An absence of a part of the day is no day absent.
 */
function attendance(resource: string, scope: "school" | "section"): ResourceMapping {
  return {
    resource,
    targets: [targets.attendanceEvent],
    map(body, context) {
      const student = studentOf(body);
      const onDate = body.requiredDate("eventDate");
      body.required("attendanceEventCategoryDescriptor");
      const descriptor = body.descriptor("attendanceEventCategoryDescriptor");
      if (descriptor === null) return [];
      const { category, excused } = readAttendance(body, descriptor);
      if (category === "present") {
        body.lenient("attendanceEventCategoryDescriptor: someone was there, which is no exception and not kept");
        return [];
      }
      const share = body.number("eventDuration", { minimum: 0 });
      const isPart = category === "absent" && share !== null && share > 0 && share < 1;
      const place =
        scope === "school" ? sessionId(body, "sessionReference") : sectionId(body, "sectionReference", true);
      const values = [
        onDate,
        isPart ? "partial" : category,
        descriptor.raw,
        excused,
        body.text("attendanceEventReason"),
        scope,
        scope === "section" ? sectionKey(body, context, "sectionReference") : null,
        body.number(`${scope}AttendanceDuration`, { minimum: 0 }),
      ];
      const where = place ?? body.required("schoolReference.schoolId");
      const id = [resource, student, where, onDate, descriptor.code.replaceAll("/", "%2F")].join("/");
      return [
        record(body, context, targets.attendanceEvent, id, values, {
          person: student,
          ownDate: onDate,
          validFrom: onDate,
        }),
      ];
    },
  };
}

/** Attendance of the school day and of single sections. */
export const attendanceEvents: readonly ResourceMapping[] = [
  attendance("studentSchoolAttendanceEvents", "school"),
  attendance("studentSectionAttendanceEvents", "section"),
];
