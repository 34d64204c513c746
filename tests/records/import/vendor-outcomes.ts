/** A file of the public data sets and what becomes of it. */
export interface VendorFile {
  readonly path: string;
  readonly profile: string;
  /** The columns that hold student numbers. */
  readonly students: readonly string[];
  readonly date?: string;
  readonly rows?: {
    readonly rows: number;
    readonly new: number;
    readonly unchanged?: number;
    readonly refused?: number;
  };
  /** Code and column of the refusals. */
  readonly refused?: readonly string[];
  /** Part of the error for a file that is not read at all. */
  readonly unreadable?: string;
}

const vendor = (
  path: string,
  profile: string,
  students: string | readonly string[],
  rest: Partial<VendorFile> = {},
): VendorFile => ({
  path: `assessment-vendor-files/${path}`,
  profile,
  students: typeof students === "string" ? [students] : students,
  ...rest,
});
const flat = (path: string, profile: string, students: string, rest: Partial<VendorFile> = {}): VendorFile => ({
  path: path.includes("/") ? path : `sis-flat-files/fixtures/${path}`,
  profile,
  students: [students],
  ...rest,
});

/** Every file of the three folders: which profile reads it, and how its rows come out. */
export const vendorFiles: readonly VendorFile[] = [
  vendor("MAP_Growth/data/sample_anonymized_file.csv", "nwea-map-growth", "StudentID", {
    rows: { rows: 7, new: 7, unchanged: 0, refused: 0 },
  }),
  vendor("MAP_Fluency/data/sample_anonymized_file.csv", "nwea-map-reading-fluency", "StudentID", {
    rows: { rows: 9, new: 9, unchanged: 0, refused: 0 },
  }),
  vendor("STAR/data/SR_sample_anonymized_file.csv", "star-reading", "StudentIdentifier", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("STAR/data/SR_SkillArea_v1_sample_anonymized_file.csv", "star-reading-skill-areas", "StudentIdentifier", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor(
    "STAR/data/SR_Dashboard_Standards_v2_sample_anonymized_file.csv",
    "star-reading-standards",
    "StudentIdentifier",
    { rows: { rows: 5, new: 5, unchanged: 0, refused: 0 } },
  ),
  vendor("i-Ready/data/sample_anonymized_file_math.csv", "i-ready-math", "Student ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("FastBridgeCAT/data/sample_anonymized_aMath.csv", "fastbridge-amath", "State ID", {
    rows: { rows: 10, new: 7, unchanged: 3, refused: 0 },
  }),
  vendor("FastBridgeCAT/data/fake_aMath.csv", "fastbridge-amath", "State ID", {
    rows: { rows: 5, new: 3, unchanged: 0, refused: 2 },
    refused: ["MISSING Screening Period 4 aMath Final Date"],
  }),
  vendor(
    "FastBridge_AUTOreading/data/sample_anonymized_file_fastbridge_autoreading.csv",
    "fastbridge-autoreading",
    "Local ID",
    { rows: { rows: 5, new: 5, unchanged: 0, refused: 0 } },
  ),
  vendor(
    "FastBridge_COMPefficiency/data/sample_anonymized_file_fastbridge_compefficiency.csv",
    "fastbridge-comprehension-efficiency",
    "Local ID",
    { rows: { rows: 5, new: 5, unchanged: 0, refused: 0 } },
  ),
  vendor("FastBridge_English/data/sample_anonymized_file.csv", "fastbridge-early-reading", "State ID", {
    rows: { rows: 13, new: 11, unchanged: 2, refused: 0 },
  }),
  vendor("Dibels_8_Benchmark/data/sample_anonymized_file.csv", "dibels-8", "Student Primary ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("Dibels_Next_Benchmark/data/sample_anonymized_file.csv", "dibels-next", "Student Primary ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("Lectura/data/sample_anonymized_file.csv", "mclass-lectura", "Student Primary ID", {
    rows: { rows: 5, new: 1, unchanged: 0, refused: 4 },
    refused: ["DUPLICATE null"],
  }),
  vendor("IDEL/data/sample_anonymized_file.csv", "idel", "Student Primary ID", {
    rows: { rows: 5, new: 3, unchanged: 0, refused: 2 },
    refused: ["DUPLICATE null"],
  }),
  vendor("KRA/data/KRA_sample_file_deidentified.csv", "kra", "StudentSUNS", {
    rows: { rows: 10, new: 10, unchanged: 0, refused: 0 },
  }),
  vendor("KRA/data/KRA_sample_file_deidentified_new.csv", "kra-2024", "state_student_id", {
    date: "2025-09-15",
    rows: { rows: 13, new: 13, unchanged: 0, refused: 0 },
  }),
  vendor("ACCESS/data/2021_to_2025_sample_anonymized_file_ACCESS.csv", "wida-access", "State Student ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor(
    "ACCESS/data/2021_to_2025_sample_anonymized_file_Alternate_ACCESS.csv",
    "wida-alternate-access",
    "State Student ID",
    { rows: { rows: 5, new: 5, unchanged: 0, refused: 0 } },
  ),
  vendor("ACCESS/data/sample_anonymized_file_ACCESS.csv", "wida-access", "State Student ID", {
    rows: { rows: 4, new: 4, unchanged: 0, refused: 0 },
  }),
  vendor(
    "ACCESS/data/sample_anonymized_file_alternate_Alternate_ACCESS.csv",
    "wida-alternate-access",
    "State Student ID",
    { rows: { rows: 3, new: 3, unchanged: 0, refused: 0 } },
  ),
  vendor("PSAT_SAT/data/sample_anonymized_file_psat_10.csv", "psat-10", "SECONDARY_ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("PSAT_SAT/data/sample_anonymized_file_psat_89.csv", "psat-8-9", "STATE_STUDENT_ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("ACCUPLACER/data/sample_anonymized_file.csv", "accuplacer", "Student ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor(
    "Missouri_Assessment_Program/data/sample_anonymized_file.txt",
    "missouri-assessment-program",
    "MOSIS_STATE_ID",
    { rows: { rows: 8, new: 4, unchanged: 0, refused: 4 }, refused: ["MISSING TEST_DATE"] },
  ),
  vendor("WI_Forward/data/sample_anonymized_file.csv", "wisconsin-forward", "WISEID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("SC_READY/data/sample_anonymized_file.csv", "sc-ready", "StateID", {
    date: "2024-05-15",
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("Cambridge/data/sample_anonymized_file.csv", "cambridge-international", "STUDENT_STATE_ID", {
    date: "2024-06-15",
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("IB/data/sample_anonymized_file.csv", "international-baccalaureate", "student_unique_id", {
    date: "2024-05-31",
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("STAMP/data/anonymized_sample_file.csv", "stamp", "Test Taker ID", {
    rows: { rows: 13, new: 10, unchanged: 3, refused: 0 },
  }),
  vendor("CogAT/data/sample_anonymized_file.csv", "cogat", "Student ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("CogAT/data/sample_anonymized_file_underscores.csv", "cogat-packed", "Student_ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("CogAT/data/sample_anonymized_file.txt", "cogat-fixed", "Student ID", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  vendor("BASC3_BESS/data/sample_anonymized_file.csv", "basc-3-bess", "Student Number", {
    rows: { rows: 5, new: 5, unchanged: 0, refused: 0 },
  }),
  flat("attendance_dump.csv", "aspen-attendance-table", "ATT_STD_OID", {
    rows: { rows: 2, new: 1, unchanged: 1, refused: 0 },
  }),
  flat("fake_behavior_export.csv", "aspen-behavior", "local_id", {
    rows: { rows: 4, new: 3, unchanged: 0, refused: 1 },
    refused: ["MISSING event_date"],
  }),
  flat("fake_x2_assessments.csv", "aspen-assessments", "local_id", {
    rows: { rows: 8, new: 7, unchanged: 1, refused: 0 },
  }),
  flat("student_section_grades_fixture.csv", "aspen-section-grades", "local_id", {
    date: "2024-06-07",
    rows: { rows: 6, new: 5, unchanged: 0, refused: 1 },
    refused: ["MISSING local_id"],
  }),
  flat("student_voice_survey_v2.csv", "student-voice-survey", "Local ID number", {
    rows: { rows: 1, new: 1, unchanged: 0, refused: 0 },
  }),
  flat("fake_students_export.csv", "supports", "local_id", { unreadable: "without student_id, kind, begins_on" }),
  flat("service_upload_example.csv", "service-hours", "lasid", { unreadable: "without student_id" }),
  flat("lms-toolkit/submissions.sample.csv", "lms-submissions", "UserSourceSystemIdentifier", {
    rows: { rows: 4, new: 3, unchanged: 0, refused: 1 },
    refused: ["BAD_VALUE SubmissionDateTime"],
  }),
  flat("lms-toolkit/system-activities.sample.csv", "lms-system-activities", "LMSUserSourceSystemIdentifier", {
    rows: { rows: 3, new: 3, unchanged: 0, refused: 0 },
  }),
];
