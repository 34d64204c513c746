import { existsSync } from "node:fs";
import { join } from "node:path";
import { CairnError } from "../../src/errors.ts";

/** A file of the set: the names it goes by, and its columns with DuckDB types in file order. */
interface OuladFile {
  readonly names: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
}

const presentation = { code_module: "VARCHAR", code_presentation: "VARCHAR" } as const;

const files = {
  studentInfo: {
    names: ["studentInfo.csv.gz", "studentInfo.csv"],
    columns: {
      ...presentation,
      id_student: "VARCHAR",
      gender: "VARCHAR",
      region: "VARCHAR",
      highest_education: "VARCHAR",
      imd_band: "VARCHAR",
      age_band: "VARCHAR",
      num_of_prev_attempts: "INTEGER",
      studied_credits: "INTEGER",
      disability: "VARCHAR",
      final_result: "VARCHAR",
    },
  },
  studentRegistration: {
    names: ["studentRegistration.csv.gz", "studentRegistration.csv"],
    columns: { ...presentation, id_student: "VARCHAR", date_registration: "INTEGER", date_unregistration: "INTEGER" },
  },
  studentAssessment: {
    names: ["studentAssessment.csv.gz", "studentAssessment.csv"],
    columns: {
      id_assessment: "VARCHAR",
      id_student: "VARCHAR",
      date_submitted: "INTEGER",
      is_banked: "INTEGER",
      score: "DOUBLE",
    },
  },
  assessments: {
    names: ["assessments.csv", "assessments.csv.gz"],
    columns: {
      ...presentation,
      id_assessment: "VARCHAR",
      assessment_type: "VARCHAR",
      date: "INTEGER",
      weight: "DOUBLE",
    },
  },
  courses: {
    names: ["courses.csv", "courses.csv.gz"],
    columns: { ...presentation, module_presentation_length: "INTEGER" },
  },
  vle: {
    names: ["vle.csv.gz", "vle.csv"],
    columns: {
      id_site: "VARCHAR",
      ...presentation,
      activity_type: "VARCHAR",
      week_from: "INTEGER",
      week_to: "INTEGER",
    },
  },
  studentVle: {
    names: ["studentVle.csv.gz", "studentVle.csv", "studentVle_first1048575.csv.gz"],
    columns: { ...presentation, id_student: "VARCHAR", id_site: "VARCHAR", date: "INTEGER", sum_click: "INTEGER" },
  },
} as const satisfies Record<string, OuladFile>;

/** The name of a table of the set. */
export type OuladTable = keyof typeof files;

/** Where the set comes from, for people who do not have it yet. */
export const ouladSource =
  "the Open University Learning Analytics Dataset (Kuzilek, Hlosta and Zdrahal 2017, Scientific Data 4:170171, CC BY 4.0), published at analyse.kmi.open.ac.uk/open_dataset";

/** A file of the set as it was found: how to read it, and how to check that it is the one expected. */
export interface OuladReader {
  /** SQL of the table, in file order, with the documented columns and types. */
  readonly sql: string;
  /** SQL of the file's first line, as one text. */
  readonly header: string;
  /** The names the first line must hold, in this order. */
  readonly columns: readonly string[];
}

/**
 * For each table, the SQL that reads it from the folder, in file order, with its documented columns and types.
 * @throws CairnError `UNREADABLE_FILE` when the folder or one of the files is not there
 */
export function ouladReaders(dir: string, tables: readonly OuladTable[]): Map<OuladTable, OuladReader> {
  const hint = `download ${ouladSource}, and pass the folder that holds its files`;
  if (!existsSync(dir)) {
    throw new CairnError("UNREADABLE_FILE", "expected the folder of the OULAD files, got a path where nothing is", {
      hint,
    });
  }
  const readers = new Map<OuladTable, OuladReader>();
  for (const table of tables) {
    const { names, columns } = files[table];
    const found = names.find((name) => existsSync(join(dir, name)));
    if (found === undefined) {
      throw new CairnError("UNREADABLE_FILE", `expected ${names.join(" or ")} in the OULAD folder, got neither`, {
        hint,
        details: { table },
      });
    }
    const types = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`);
    const path = join(dir, found).replaceAll("'", "''");
    const format = `delim = ',', quote = '"', nullstr = '', auto_detect = false`;
    readers.set(table, {
      sql: `read_csv('${path}', header = true, ${format}, columns = { ${types.join(", ")} })`,
      header: `SELECT line FROM read_csv('${path}', header = false, delim = '\t', quote = '', escape = '', auto_detect = false, columns = { line: 'VARCHAR' }) LIMIT 1`,
      columns: Object.keys(columns),
    });
  }
  return readers;
}
