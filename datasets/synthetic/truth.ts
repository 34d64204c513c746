import { join } from "node:path";
import { modalities } from "./curriculum.ts";
import { type TruthFile, truthColumns } from "./export-columns.ts";
import { cellOr, eachTruthRow } from "./truth-rows.ts";

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

/** How a year ended for a learner at this district's schools. */
export interface TruthOutcome {
  readonly studentId: string;
  /** Such as 2025-26. */
  readonly year: string;
  readonly grade: number;
  readonly schoolId: string;
  /** School days at this district, and how many of them the learner was absent, whatever attendance.csv says. */
  readonly daysEnrolled: number;
  readonly daysAbsent: number;
  /** 1, 0, or −1 where it cannot be known because the learner left. */
  readonly droppedOut: number;
  readonly failedMathematics: number;
  readonly failedEnglish: number;
  readonly chronicallyAbsent: number;
  readonly creditsAttempted: number;
  readonly creditsEarned: number;
  /** Does the grade again. */
  readonly repeats: boolean;
  /** Leaves the district with grade 9 completed. */
  readonly completes: boolean;
}

/** A learner's place in an intervention of one year, taken or not: both potential outcomes are known. */
export interface TruthAssignment {
  readonly studentId: string;
  readonly year: string;
  readonly interventionId: string;
  readonly schoolId: string;
  /** The homeroom whose lot decided, or "". */
  readonly cluster: string;
  /** learner-lottery, homeroom-lottery or need. */
  readonly rule: string;
  /** Chance of taking part, given everything. */
  readonly propensity: number;
  readonly treated: boolean;
  /** Points of the final mark in mathematics for all planned doses. */
  readonly effect: number;
  /** Share of the planned doses the learner came to, or would have come to. */
  readonly doseShare: number;
  /** Final mark in mathematics without and with the intervention, all else as it was; NaN for who left. */
  readonly markWithout: number;
  readonly markWith: number;
}

/** What a learner truly likes. */
export interface TruthPreference {
  /** modality → factor on what a completed activity teaches; 1 is average. */
  readonly gain: Readonly<Record<string, number>>;
  readonly interests: readonly string[];
  /** Works after school rather than in it, standard normal. */
  readonly lateness: number;
}

/** The state of a learner on the Monday of the move from one district to another. */
export interface TruthMover {
  /** The same number in both districts. */
  readonly mover: number;
  readonly studentId: string;
  readonly movedOn: string;
  readonly role: "origin" | "destination";
  /** Deviation of engagement from its trait, the shock in it, momentum and trait of persistence. */
  readonly engagementSwing: number;
  readonly engagementShock: number;
  readonly momentum: number;
  readonly persistence: number;
  /** Ability on every standard in the order of {@link TruthAbilities.standards}, logits. */
  readonly abilities: Float64Array;
}

/** A bias, a drift or an effect that was planted. */
export interface PlantedFact {
  readonly kind: "bias" | "drift" | "effect";
  /** "" for every school. */
  readonly schoolId: string;
  /** Whom it concerns; "" for everybody. */
  readonly group: string;
  readonly size: number;
  readonly unit: string;
  /** First day, or "". */
  readonly from: string;
  /** What it is about; the id of the intervention for an effect. */
  readonly what: string;
}

/** The truth about a synthetic district; for evaluation only. */
export interface DistrictTruth {
  readonly learners: TruthLearners;
  readonly abilities: TruthAbilities;
  /** activity → share of what is left to learn that one completion gives. */
  readonly teachingEffect: ReadonlyMap<string, number>;
  /** activity → what it is about. */
  readonly theme: ReadonlyMap<string, string>;
  readonly items: ReadonlyMap<string, TruthItem>;
  readonly outcomes: readonly TruthOutcome[];
  readonly assignments: readonly TruthAssignment[];
  /** By the district's number of the learner. */
  readonly preferences: ReadonlyMap<string, TruthPreference>;
  readonly movers: readonly TruthMover[];
  readonly planted: readonly PlantedFact[];
}

/**
 * Reads the truth about a district.
 * @param folder - the folder {@link writeDistrict} wrote
 * @throws CairnError `UNREADABLE_FILE` when a file is missing or lacks columns
 */
export async function readTruth(folder: string): Promise<DistrictTruth> {
  const rows = <T>(file: TruthFile, read: (cells: readonly string[]) => T): Promise<T[]> =>
    readRows(join(folder, "truth", `${file}.csv`), file, read);
  const teachingEffect = new Map<string, number>();
  const theme = new Map<string, string>();
  await rows("activities", ([activity, effect, about]) => {
    teachingEffect.set(activity!, Number(effect));
    theme.set(activity!, about!);
  });
  const items = await rows("items", ([item, standard, difficulty, discrimination, guess]) => {
    const numbers = { difficulty: Number(difficulty), discrimination: Number(discrimination), guess: Number(guess) };
    return [item!, { standard: standard!, ...numbers }] as const;
  });
  return {
    learners: await readLearners(rows),
    abilities: await readAbilities(rows),
    teachingEffect,
    theme,
    items: new Map(items),
    outcomes: await rows("outcomes", readOutcome),
    assignments: await rows("assignments", readAssignment),
    preferences: new Map(await rows("preferences", readPreference)),
    movers: await rows("movers", readMover),
    planted: await rows("planted", ([kind, schoolId, group, size, unit, from, what]) => ({
      kind: kind as PlantedFact["kind"],
      schoolId: schoolId!,
      group: group!,
      size: Number(size),
      unit: unit!,
      from: from!,
      what: what!,
    })),
  };
}

type Rows = <T>(file: TruthFile, read: (cells: readonly string[]) => T) => Promise<T[]>;

async function readRows<T>(path: string, file: TruthFile, read: (cells: readonly string[]) => T): Promise<T[]> {
  const list: T[] = [];
  await eachTruthRow(path, truthColumns[file].split(",").length, (cells) => list.push(read(cells)));
  return list;
}

function readOutcome(cells: readonly string[]): TruthOutcome {
  const [studentId, year, , schoolId] = cells;
  const number = (column: number): number => cellOr(cells[column], -1);
  return {
    studentId: studentId!,
    year: year!,
    grade: number(2),
    schoolId: schoolId!,
    daysEnrolled: number(4),
    daysAbsent: number(5),
    droppedOut: number(6),
    failedMathematics: number(7),
    failedEnglish: number(8),
    chronicallyAbsent: number(9),
    creditsAttempted: number(10),
    creditsEarned: number(11),
    repeats: cells[12] === "1",
    completes: cells[13] === "1",
  };
}

function readAssignment(cells: readonly string[]): TruthAssignment {
  const [studentId, year, interventionId, schoolId, cluster, rule] = cells;
  const number = (column: number): number => cellOr(cells[column], Number.NaN);
  return {
    studentId: studentId!,
    year: year!,
    interventionId: interventionId!,
    schoolId: schoolId!,
    cluster: cluster!,
    rule: rule!,
    propensity: number(6),
    treated: cells[7] === "1",
    effect: number(8),
    doseShare: number(9),
    markWithout: number(10),
    markWith: number(11),
  };
}

function readPreference(cells: readonly string[]): readonly [string, TruthPreference] {
  const gain = Object.fromEntries(modalities.map((modality, index) => [modality, Number(cells[1 + index])]));
  return [cells[0]!, { gain, interests: cells[6]!.split(" "), lateness: Number(cells[7]) }];
}

function readMover(cells: readonly string[]): TruthMover {
  const [mover, studentId, movedOn, role, , swing, shock, momentum, persistence, abilities] = cells;
  return {
    mover: Number(mover),
    studentId: studentId!,
    movedOn: movedOn!,
    role: role as TruthMover["role"],
    engagementSwing: Number(swing),
    engagementShock: Number(shock),
    momentum: Number(momentum),
    persistence: Number(persistence),
    abilities: Float64Array.from(abilities!.split(" "), Number),
  };
}

async function readLearners(read: Rows): Promise<TruthLearners> {
  const rows = await read("learners", (cells) => cells);
  const texts = (column: number): string[] => rows.map((cells) => cells[column]!);
  const numbers = (column: number): Float64Array =>
    Float64Array.from(rows, (cells) => cellOr(cells[column], Number.NaN));
  return {
    studentId: texts(0),
    year: texts(1),
    ability: numbers(2),
    engagement: numbers(3),
    persistence: numbers(4),
    probabilityOffTrack: numbers(5),
    offTrack: Int8Array.from(rows, (cells) => cellOr(cells[6], -1)),
    leftKind: texts(7),
    leftOn: texts(8),
    preferredModality: texts(9),
    finalMathematics: numbers(10),
    finalEnglish: numbers(11),
  };
}

async function readAbilities(read: Rows): Promise<TruthAbilities> {
  const studentIds: string[] = [];
  const standards: string[] = [];
  const ability: number[] = [];
  const mastered: number[] = [];
  await read("abilities", ([student, standard, value, flag]) => {
    if (studentIds.at(-1) !== student) studentIds.push(student!);
    if (studentIds.length === 1) standards.push(standard!);
    ability.push(Number(value));
    mastered.push(Number(flag));
  });
  return { studentIds, standards, ability: Float64Array.from(ability), mastered: Uint8Array.from(mastered) };
}
