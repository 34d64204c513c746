import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Curriculum } from "./curriculum.ts";
import { type OneRosterFile, oneRosterColumns } from "./oneroster-columns.ts";
import { OutputFile } from "./output-file.ts";

/** Columns of the flat files, in order. */
const flatColumns = {
  calendar: "school_id,date,event",
  attendance: "student_id,date,category,excused,reason,recorded_on",
  behavior: "incident_id,student_id,date,severity,participation,action,recorded_on",
  survey: "student_id,date,instrument,scale,item,answer,recorded_on",
  responses: "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds",
  standards: "standard,label,subject,grade",
  prerequisites: "standard,requires",
  activities: "activity,title,standard,modality,minutes,difficulty",
  consent: "student_id,purpose,decision,decided_on,decided_by",
} as const;

/** Columns of the files kept aside. */
const truthColumns = {
  learners:
    "student_id,year,ability,engagement,persistence,probability_off_track,off_track,left_kind,left_on,preferred_modality,final_mathematics,final_english",
  abilities: "student_id,standard,ability_at_asof,mastered",
  activities: "activity,teaching_effect",
  items: "item_id,standard,difficulty,discrimination,guess",
} as const;

/** Where OneRoster's files wait until they are zipped; removed at the end. */
export const WAITING_FOLDER = ".oneroster-partial";

/** The open files of one district, and the last day of which they may tell. */
export interface ExportFiles {
  /** Day number: nothing the school learned later is written. */
  readonly cutoff: number;
  /** Eight hexadecimal digits that differ between seeds. */
  readonly districtCode: string;
  standardCode(standard: number): string;
  readonly calendar: OutputFile;
  readonly attendance: OutputFile;
  readonly behavior: OutputFile;
  readonly survey: OutputFile;
  readonly responses: OutputFile;
  readonly standards: OutputFile;
  readonly prerequisites: OutputFile;
  readonly activities: OutputFile;
  readonly consent: OutputFile;
  readonly caliper: OutputFile;
  readonly results: OutputFile;
  /** resultLearningObjectiveIds. */
  readonly objectives: OutputFile;
  readonly roster: Readonly<Record<OneRosterFile, OutputFile>>;
  readonly truth: Readonly<Record<keyof typeof truthColumns, OutputFile>>;
  /** Every file, in a fixed order. */
  readonly all: readonly OutputFile[];
}

/** Creates or empties every file of a district. */
export async function openExport(
  folder: string,
  cutoff: number,
  districtCode: string,
  curriculum: Curriculum,
): Promise<ExportFiles> {
  await mkdir(join(folder, "truth"), { recursive: true });
  await rm(join(folder, WAITING_FOLDER), { recursive: true, force: true });
  await mkdir(join(folder, WAITING_FOLDER));
  const all: OutputFile[] = [];
  const create = async (name: string, path: string, header?: readonly string[]): Promise<OutputFile> => {
    const file = await OutputFile.create(join(folder, path), name, header);
    all.push(file);
    return file;
  };
  const createAll = async <Name extends string>(
    columns: Readonly<Record<Name, string>>,
    at: (name: Name) => readonly [name: string, path: string],
  ): Promise<Record<Name, OutputFile>> => {
    const files: Partial<Record<Name, OutputFile>> = {};
    for (const name of Object.keys(columns) as Name[])
      files[name] = await create(...at(name), columns[name].split(","));
    return files as Record<Name, OutputFile>;
  };
  try {
    const flat = await createAll(flatColumns, (name) => [`${name}.csv`, `${name}.csv`]);
    const caliper = await create("caliper.jsonl", "caliper.jsonl");
    const roster = await createAll(oneRosterColumns, (name) => [
      `oneroster/${name}.csv`,
      `${WAITING_FOLDER}/${name}.csv`,
    ]);
    const truth = await createAll(truthColumns, (name) => [`truth/${name}.csv`, `truth/${name}.csv`]);
    const standardCode = (standard: number): string => curriculum.standards[standard]!.code;
    const { results, resultLearningObjectiveIds: objectives } = roster;
    return { cutoff, districtCode, standardCode, ...flat, caliper, results, objectives, roster, truth, all };
  } catch (error) {
    for (const file of all) await file.abandon();
    throw error;
  }
}
