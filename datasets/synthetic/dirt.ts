import type { OutputFile } from "./output-file.ts";

/** A fault planted in a file, for which an importer must have a report. */
export interface PlantedDirt {
  readonly file: string;
  readonly kind: "dangling student" | "impossible date" | "duplicate row" | "mixed line ends";
  readonly rows: number;
}

const NOBODY = "9999999";
const NO_DATE = "2025-02-30";

/** Appends faults to attendance, behavior, survey, responses and results; every good row stays as it was. */
export async function plantDirt(files: ReadonlyMap<string, OutputFile>): Promise<PlantedDirt[]> {
  const planted: PlantedDirt[] = [];
  const plant = async (name: string, student: number, date: number, key: number): Promise<void> => {
    const file = files.get(name)!;
    const { first } = file;
    if (first === undefined) return; // an empty file has nothing to spoil
    const changed = (column: number, value: string, id: string): (string | number)[] =>
      first.map((cell, index) => (index === column ? value : index === key ? `${cell}${id}` : cell));
    await file.foreignRow(changed(student, NOBODY, "-x"));
    await file.foreignRow(changed(date, NO_DATE, "-y"));
    await file.foreignRow(first);
    for (const kind of ["dangling student", "impossible date", "duplicate row"] as const)
      planted.push({ file: file.name, kind, rows: 1 });
    planted.push({ file: file.name, kind: "mixed line ends", rows: 3 });
  };
  const noKey = -1; // the file has no id of its own
  await plant("attendance.csv", 0, 1, noKey);
  await plant("behavior.csv", 1, 2, 0);
  await plant("survey.csv", 0, 1, noKey);
  await plant("responses.csv", 0, 3, noKey);
  await plant("oneroster/results.csv", 4, 7, 0);
  return planted;
}
