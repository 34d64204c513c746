import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { writeOuladSnapshot } from "../../../datasets/oulad/snapshot.ts";
import { openSnapshotFolder } from "../../../src/engine/evaluation-sets/snapshot-folder.ts";
import { type SnapshotTableName, snapshotTables } from "../../../src/records/snapshot/tables.ts";

const scratch = mkdtempSync(join(tmpdir(), "cairn-oulad-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A set of the published shape with invented learners: one stays, one leaves on day 20, one has no day of registration. */
const files: Readonly<Record<string, string>> = {
  "courses.csv":
    '"code_module","code_presentation","module_presentation_length"\n"AAA","2013J","268"\n"BBB","2014B","234"\n',
  "assessments.csv":
    '"code_module","code_presentation","id_assessment","assessment_type","date","weight"\n"AAA","2013J","1752","TMA","19","10"\n"BBB","2014B","90","Exam","","100"\n',
  "studentInfo.csv.gz":
    '"code_module","code_presentation","id_student","gender","region","highest_education","imd_band","age_band","num_of_prev_attempts","studied_credits","disability","final_result"\n"AAA","2013J","11","M","Wales","HE Qualification","90-100%","55<=","0","240","N","Pass"\n"AAA","2013J","12","F","Wales","No Formal quals","","0-35","1","60","Y","Withdrawn"\n"BBB","2014B","11","M","Wales","HE Qualification","90-100%","55<=","0","60","N","Fail"\n',
  "studentRegistration.csv.gz":
    '"code_module","code_presentation","id_student","date_registration","date_unregistration"\n"AAA","2013J","11","-159",""\n"AAA","2013J","12","3","20"\n"BBB","2014B","11","",""\n',
  "studentAssessment.csv.gz":
    "id_assessment,id_student,date_submitted,is_banked,score\n1752,12,18,0,\n1752,11,-1,1,78\n",
  "vle.csv.gz":
    '"id_site","code_module","code_presentation","activity_type","week_from","week_to"\n"5","AAA","2013J","quiz","",""\n',
  "studentVle_first1048575.csv.gz":
    "code_module,code_presentation,id_student,id_site,date,sum_click\nAAA,2013J,11,5,-10,4\n",
};

function writeSet(name: string, change: Readonly<Record<string, string | undefined>> = {}): string {
  const dir = join(scratch, name);
  mkdirSync(dir);
  for (const [file, text] of Object.entries({ ...files, ...change })) {
    if (text !== undefined) writeFileSync(join(dir, file), file.endsWith(".gz") ? gzipSync(text) : text);
  }
  return dir;
}

async function rowsOf(folder: string, sql: string): Promise<unknown[]> {
  const { connection, close } = await openSnapshotFolder(folder);
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    close();
  }
}

test("days become dates, and what the outcome is made of goes only into the outcome", async () => {
  const { folder, manifest } = await writeOuladSnapshot({ dir: writeSet("whole"), folder: scratch });
  expect(
    await rowsOf(
      folder,
      "SELECT learner, person, starts_on, entered_on, exited_on, exit_known_on, known_on FROM enrolment",
    ),
  ).toEqual([
    ["AAA/2013J/11", "11", "2013-10-01", "2013-04-25", null, null, "2013-04-25"],
    ["AAA/2013J/12", "12", "2013-10-01", "2013-10-04", "2013-10-21", "2013-10-21", "2013-10-04"],
    ["BBB/2014B/11", "11", "2014-02-01", null, null, null, "2014-02-01"],
  ]);
  expect(
    await rowsOf(folder, "SELECT learner, submitted_on, score, carried_over, source_row, known_on FROM result"),
  ).toEqual([
    ["AAA/2013J/12", "2013-10-19", null, false, "1", "2013-10-19"],
    ["AAA/2013J/11", "2013-09-30", 78, true, "2", "2013-09-30"],
  ]);
  expect(await rowsOf(folder, "SELECT kind, due_on FROM assignment ORDER BY kind")).toEqual([
    ["assignment", "2013-10-20"],
    ["exam", null],
  ]);
  expect(await rowsOf(folder, `SELECT learner, kind, "at"::DATE, clicks FROM activity_event`)).toEqual([
    ["AAA/2013J/11", "quiz", "2013-09-21", 4],
  ]);
  expect(await rowsOf(folder, "SELECT DISTINCT name FROM protected_attribute ORDER BY ALL")).toEqual(
    ["age_band", "disability", "gender", "imd_band"].map((name) => [name]),
  );
  expect(manifest.asOf).toBe("2014-09-23");
  for (const table of Object.keys(manifest.tables)) {
    const values = JSON.stringify(await rowsOf(folder, `SELECT * FROM ${table}`));
    expect(/Withdrawn|"Fail"|"Pass"/.test(values), table).toBe(table === "outcome");
  }
});

test("tables have the columns and types of the contract, and the same files give the same bytes", async () => {
  const dir = writeSet("again");
  const first = await writeOuladSnapshot({ dir, folder: join(scratch, "first") });
  const second = await writeOuladSnapshot({ dir, folder: join(scratch, "second") });
  expect(second.manifest).toEqual(first.manifest);
  for (const name of Object.keys(first.manifest.tables)) {
    const file = `${name}.parquet`;
    expect(readFileSync(join(second.folder, file)).equals(readFileSync(join(first.folder, file))), name).toBe(true);
    const described = (await rowsOf(first.folder, `SELECT column_name, column_type FROM (DESCRIBE ${name})`)) as [
      string,
      string,
    ][];
    expect(Object.fromEntries(described)).toEqual(snapshotTables[name as SnapshotTableName].columns);
  }
  expect((await writeOuladSnapshot({ dir, folder: join(scratch, "first") })).folder).toBe(first.folder);
});

test("a missing or wrong folder says what was expected and where the set is published", async () => {
  const wrong: readonly string[] = [
    join(scratch, "nowhere"),
    writeSet("no results", { "studentAssessment.csv.gz": undefined }),
    writeSet("other columns", { "assessments.csv": '"module","date"\n"AAA","19"\n' }),
    writeSet("columns changed places", {
      "courses.csv": files["courses.csv"]!.replace(
        '"code_module","code_presentation"',
        '"code_presentation","code_module"',
      ),
    }),
    writeSet("empty file", { "studentAssessment.csv.gz": "" }),
    writeSet("not numbers", {
      "studentRegistration.csv.gz": files["studentRegistration.csv.gz"]!.replace("-159", "soon"),
    }),
  ];
  for (const dir of wrong) {
    await expect(writeOuladSnapshot({ dir, folder: scratch }), dir).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
      hint: expect.stringContaining("analyse.kmi.open.ac.uk"),
    });
  }
  await expect(openSnapshotFolder(join(scratch, "nowhere"))).rejects.toMatchObject({ code: "NOT_FOUND" });
});
