import type { Curriculum } from "./curriculum.ts";
import { flatColumns, type ProfileFile, profileColumns, type TruthFile, truthColumns } from "./export-columns.ts";
import { type OneRosterFile, oneRosterColumns } from "./oneroster-columns.ts";
import { RowBuffer } from "./row-buffer.ts";

/** Where OneRoster's files wait until they are zipped; removed at the end. */
export const WAITING_FOLDER = ".oneroster-partial";

/** The rows of one district that wait to be written, and the last day of which they may tell. */
export interface ExportRows extends Readonly<Record<keyof typeof flatColumns, RowBuffer>> {
  /** Day number: nothing the school learned later is written. */
  readonly cutoff: number;
  /** Eight hexadecimal digits that differ between seeds. */
  readonly districtCode: string;
  standardCode(standard: number): string;
  readonly caliper: RowBuffer;
  readonly results: RowBuffer;
  /** resultLearningObjectiveIds. */
  readonly objectives: RowBuffer;
  readonly roster: Readonly<Record<OneRosterFile, RowBuffer>>;
  readonly profiles: Readonly<Record<ProfileFile, RowBuffer>>;
  readonly truth: Readonly<Record<TruthFile, RowBuffer>>;
  /** Every buffer by the name of its file, in the order of {@link exportFiles}. */
  readonly all: ReadonlyMap<string, RowBuffer>;
}

/** A file of an export: its name in the summary, its path in the folder, its header (absent for a file of lines). */
export interface ExportFile {
  readonly name: string;
  readonly path: string;
  readonly columns: readonly string[] | undefined;
}

/** Every file of an export in a fixed order. */
export const exportFiles: readonly ExportFile[] = [
  ...Object.entries({ ...flatColumns, ...profileColumns }).map(([name, columns]) => plain(`${name}.csv`, columns)),
  { name: "caliper.jsonl", path: "caliper.jsonl", columns: undefined },
  ...Object.entries(oneRosterColumns).map(([name, columns]) => ({
    ...plain(`oneroster/${name}.csv`, columns),
    path: `${WAITING_FOLDER}/${name}.csv`,
  })),
  ...Object.entries(truthColumns).map(([name, columns]) => plain(`truth/${name}.csv`, columns)),
];

function plain(name: string, columns: string): ExportFile {
  return { name, path: name, columns: columns.split(",") };
}

/** Empty buffers for every file. */
export function openRows(cutoff: number, districtCode: string, curriculum: Curriculum): ExportRows {
  const all = new Map(exportFiles.map(({ name }) => [name, new RowBuffer()]));
  const buffers = <Name extends string>(
    columns: Readonly<Record<Name, string>>,
    at: (name: Name) => string,
  ): Record<Name, RowBuffer> =>
    Object.fromEntries((Object.keys(columns) as Name[]).map((name) => [name, all.get(at(name))!])) as Record<
      Name,
      RowBuffer
    >;
  const roster = buffers(oneRosterColumns, (name) => `oneroster/${name}.csv`);
  return {
    cutoff,
    districtCode,
    standardCode: (standard) => curriculum.standards[standard]!.code,
    ...buffers(flatColumns, (name) => `${name}.csv`),
    caliper: all.get("caliper.jsonl")!,
    results: roster.results,
    objectives: roster.resultLearningObjectiveIds,
    roster,
    profiles: buffers(profileColumns, (name) => `${name}.csv`),
    truth: buffers(truthColumns, (name) => `truth/${name}.csv`),
    all,
  };
}
