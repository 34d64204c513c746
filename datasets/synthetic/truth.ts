import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { CairnError } from "../../src/errors.ts";

/** One row per learner and school year; every array has the same length. */
export interface TruthLearners {
  readonly studentId: readonly string[];
  /** Such as 2025-26. */
  readonly year: readonly string[];
  /** General ability in mathematics, about standard normal. */
  readonly ability: Float64Array;
  /** What weekly engagement returns to, about standard normal. */
  readonly engagement: Float64Array;
  readonly persistence: Float64Array;
  /** What an oracle says on the day of the export (one school year earlier for the finished year); NaN when not enrolled then. */
  readonly probabilityOffTrack: Float64Array;
  /** 1 off track, 0 on track, −1 censored (moved to another district). */
  readonly offTrack: Int8Array;
  /** "", transfer or withdrawal. */
  readonly leftKind: readonly string[];
  /** Last day, or "". */
  readonly leftOn: readonly string[];
  readonly preferredModality: readonly string[];
  /** Final marks 0 to 100; NaN for who left. */
  readonly finalMathematics: Float64Array;
  readonly finalEnglish: Float64Array;
}

/** Abilities on the day of the export: row-major, `studentIds.length × standards.length`. */
export interface TruthAbilities {
  readonly studentIds: readonly string[];
  readonly standards: readonly string[];
  /** Logits. */
  readonly ability: Float64Array;
  /** 1 where the standard is mastered. */
  readonly mastered: Uint8Array;
}

/** Parameters of an item of the bank. */
export interface TruthItem {
  readonly standard: string;
  readonly difficulty: number;
  readonly discrimination: number;
  readonly guess: number;
}

/** The truth about a synthetic district; for evaluation only. */
export interface DistrictTruth {
  readonly learners: TruthLearners;
  readonly abilities: TruthAbilities;
  /** activity → share of what is left to learn that one completion gives. */
  readonly teachingEffect: ReadonlyMap<string, number>;
  readonly items: ReadonlyMap<string, TruthItem>;
}

/**
 * Reads the truth about a district.
 * @param folder - the folder {@link writeDistrict} wrote
 * @throws CairnError `UNREADABLE_FILE` when a file is missing or lacks columns
 */
export async function readTruth(folder: string): Promise<DistrictTruth> {
  const learners = await readLearners(join(folder, "truth", "learners.csv"));
  const abilities = await readAbilities(join(folder, "truth", "abilities.csv"));
  const teachingEffect = new Map<string, number>();
  await eachRow(join(folder, "truth", "activities.csv"), 2, ([activity, effect]) => {
    teachingEffect.set(activity!, Number(effect));
  });
  const items = new Map<string, TruthItem>();
  await eachRow(join(folder, "truth", "items.csv"), 5, ([item, standard, difficulty, discrimination, guess]) => {
    items.set(item!, {
      standard: standard!,
      difficulty: Number(difficulty),
      discrimination: Number(discrimination),
      guess: Number(guess),
    });
  });
  return { learners, abilities, teachingEffect, items };
}

async function eachRow(path: string, columns: number, use: (cells: readonly string[]) => void): Promise<void> {
  try {
    await pipeline(createReadStream(path), parse({ from_line: 2 }), async (rows: AsyncIterable<string[]>) => {
      for await (const cells of rows) {
        if (cells.length !== columns) throw new RangeError(`${cells.length} columns`);
        use(cells);
      }
    });
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected truth/${basename(path)} with ${columns} columns, got none that can be read`,
      {
        hint: "write the district again with this version of cairn",
        cause,
      },
    );
  }
}

const numberOr = (text: string | undefined, missing: number): number =>
  text === undefined || text === "" ? missing : Number(text);

async function readLearners(path: string): Promise<TruthLearners> {
  const rows: (readonly string[])[] = [];
  await eachRow(path, 12, (cells) => rows.push(cells));
  const texts = (column: number): string[] => rows.map((cells) => cells[column]!);
  const numbers = (column: number): Float64Array =>
    Float64Array.from(rows, (cells) => numberOr(cells[column], Number.NaN));
  return {
    studentId: texts(0),
    year: texts(1),
    ability: numbers(2),
    engagement: numbers(3),
    persistence: numbers(4),
    probabilityOffTrack: numbers(5),
    offTrack: Int8Array.from(rows, (cells) => numberOr(cells[6], -1)),
    leftKind: texts(7),
    leftOn: texts(8),
    preferredModality: texts(9),
    finalMathematics: numbers(10),
    finalEnglish: numbers(11),
  };
}

async function readAbilities(path: string): Promise<TruthAbilities> {
  const studentIds: string[] = [];
  const standards: string[] = [];
  const ability: number[] = [];
  const mastered: number[] = [];
  await eachRow(path, 4, ([student, standard, value, flag]) => {
    if (studentIds.at(-1) !== student) studentIds.push(student!);
    if (studentIds.length === 1) standards.push(standard!);
    ability.push(Number(value));
    mastered.push(Number(flag));
  });
  return { studentIds, standards, ability: Float64Array.from(ability), mastered: Uint8Array.from(mastered) };
}
