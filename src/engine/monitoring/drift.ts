import { CairnError } from "../../errors.ts";
import { benjaminiHochberg } from "../../models/study/diagnostics/multiplicity.ts";
import type { FeatureColumn, FeatureMatrix } from "../../numeric/matrix.ts";
import { countBins, fixedBins } from "./bins.ts";
import { shareShift, shiftOf } from "./shift.ts";

/** Rows of now beside rows of before, and where they are. */
export interface DriftInput {
  readonly matrix: FeatureMatrix;
  /** Shape (rows): 1 for a row of now, 0 for one of the reference. */
  readonly isCurrent: Uint8Array;
  /** Shape (rows): several rows of one learner in the reference count as one. */
  readonly person: readonly string[];
  /** What to look at besides everybody: a school, a grade band. Each shape (rows); "" is nowhere. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** The sources a column is computed from; none when left out. */
  readonly sourcesOf?: (column: string) => readonly string[];
  /** Learners of each side below which a place is not looked at; default 20. */
  readonly minimumCell?: number;
  /** The share of findings that may be false, in (0, 1); default 0.05. */
  readonly level?: number;
}

/** Where something was looked at; null: everybody. */
export type Place = { readonly column: string; readonly value: string } | null;

/**
 * Something that is not as it was.
 * - `source`: learners of whom nothing is known from a source (`name`): shares of now and before
 * - `coverage`: learners of whom a feature is missing: shares
 * - `values`: known values of a feature: medians (the most frequent label's share of a categorical one), and `psi`
 */
export interface DriftFinding {
  readonly kind: "source" | "coverage" | "values";
  readonly name: string;
  readonly place: Place;
  readonly reference: number;
  readonly current: number;
  /** Population stability index; null for shares. */
  readonly psi: number | null;
  /** Adjusted over everything that was looked at (Benjamini and Hochberg). */
  readonly adjustedP: number;
}

/** What a look at drift found. */
export interface DriftReport {
  readonly learners: { readonly reference: number; readonly current: number };
  /** How many tests the findings are adjusted for. */
  readonly tests: number;
  readonly level: number;
  readonly minimumCell: number;
  /** Sources first, then coverage, then values; the largest change first. */
  readonly findings: readonly DriftFinding[];
  /** Places with too few learners to say anything. */
  readonly withheld: readonly NonNullable<Place>[];
}

/** A change of a share that is worth a look, besides being no chance. */
const LEAST_SHARE = 0.05;
const KINDS = ["source", "coverage", "values"] as const;

interface Draft extends Omit<DriftFinding, "adjustedP"> {
  readonly p: number;
  /** Whether the change is large enough to matter. */
  readonly isLarge: boolean;
}

/**
 * Looks for what has changed between the reference and now: for everybody and in each place, whether anything is known from each source,
 * whether each feature is known, and how its known values lie. A finding is no chance (a test over all of them, by Benjamini and
 * Hochberg) and large enough to matter (five points of a share; a population stability index above 0.1 and above what so few rows give by
 * chance). Missing cells are told as coverage and are no bin of the values, so that one silence is not told twice. A feature that
 * nobody in the reference has is not looked at: a model cannot have learned from it.
 * @throws CairnError `SHAPE_MISMATCH`, `CONFLICT` when either side has fewer learners than the minimum cell
 */
export function detectDrift(input: DriftInput): DriftReport {
  const { matrix, isCurrent, person, places, minimumCell = 20, level = 0.05 } = input;
  const wrong = [isCurrent, person, ...Object.values(places)].find(({ length }) => length !== matrix.rows);
  if (wrong !== undefined)
    throw new CairnError("SHAPE_MISMATCH", `expected ${matrix.rows} values, one per row, got ${wrong.length}`);
  const everybody = sidesOf(input, null);
  const learners = { reference: everybody.learners, current: everybody.current.length };
  if (Math.min(learners.reference, learners.current) < minimumCell) {
    throw new CairnError(
      "CONFLICT",
      `expected at least ${minimumCell} learners before and now, got ${learners.reference} and ${learners.current}`,
      { hint: "drift needs a finished period to compare with: import the records of an earlier year" },
    );
  }
  const drafts = draftsOf(input, everybody);
  const withheld: NonNullable<Place>[] = [];
  for (const [column, values] of Object.entries(places)) {
    for (const value of [...new Set(values)].filter((one) => one !== "").sort()) {
      const sides = sidesOf(input, { column, value });
      if (Math.min(sides.learners, sides.current.length) < minimumCell) withheld.push({ column, value });
      else drafts.push(...draftsOf(input, sides));
    }
  }
  const adjusted = benjaminiHochberg(drafts.map(({ p }) => p));
  const findings = drafts.flatMap(({ p: _, isLarge, ...draft }, index) =>
    isLarge && adjusted[index]! <= level ? [{ ...draft, adjustedP: adjusted[index]! }] : [],
  );
  return { learners, tests: drafts.length, level, minimumCell, findings: findings.sort(byWeight), withheld };
}

function byWeight(a: DriftFinding, b: DriftFinding): number {
  const size = ({ psi, reference, current }: DriftFinding): number => psi ?? Math.abs(current - reference);
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || size(b) - size(a);
}

interface Sides {
  readonly place: Place;
  /** Row numbers. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
  /** Different learners in the reference. */
  readonly learners: number;
}

function sidesOf({ matrix, isCurrent, person, places }: DriftInput, place: Place): Sides {
  const [reference, current] = [[] as number[], [] as number[]];
  for (let row = 0; row < matrix.rows; row++) {
    if (place !== null && places[place.column]![row] !== place.value) continue;
    (isCurrent[row] === 1 ? current : reference).push(row);
  }
  return { place, reference, current, learners: new Set(reference.map((row) => person[row])).size };
}

function draftsOf({ matrix, sourcesOf = () => [] }: DriftInput, sides: Sides): Draft[] {
  const drafts: Draft[] = [];
  const bySource = new Map<string, FeatureColumn[]>();
  for (const column of matrix.columns) {
    if (sides.reference.every((row) => Number.isNaN(column.values[row]!))) continue;
    for (const source of sourcesOf(column.name)) bySource.set(source, [...(bySource.get(source) ?? []), column]);
    drafts.push(shareDraft("coverage", column.name, sides, [column]));
    const values = valuesDraft(column, sides);
    if (values !== undefined) drafts.push(values);
  }
  for (const [source, columns] of bySource) drafts.push(shareDraft("source", source, sides, columns));
  return drafts;
}

/** The share of learners without any of these columns. */
function shareDraft(
  kind: "source" | "coverage",
  name: string,
  sides: Sides,
  columns: readonly Pick<FeatureColumn, "values">[],
): Draft {
  const { reference, current, learners, place } = sides;
  const without = (rows: readonly number[]): number =>
    rows.filter((row) => columns.every(({ values }) => Number.isNaN(values[row]!))).length;
  const weight = learners / reference.length;
  const compared = shareShift(
    { hits: without(reference) * weight, rows: learners },
    { hits: without(current), rows: current.length },
  );
  const isLarge = Math.abs(compared.current - compared.reference) >= LEAST_SHARE;
  return { kind, name, place, ...compared, psi: null, isLarge };
}

const FEWEST_KNOWN = 20; // below, a distribution is a handful of learners

/** The population stability index of a feature in a place, whether it is a finding or not; null with too few known values. */
export function indexOf(input: DriftInput, name: string, place: Place): number | null {
  const column = input.matrix.columns.find((one) => one.name === name);
  return (column === undefined ? undefined : valuesDraft(column, sidesOf(input, place)))?.psi ?? null;
}

function valuesDraft(column: FeatureColumn, { reference, current, learners, place }: Sides): Draft | undefined {
  const known = (rows: readonly number[]): Float64Array =>
    Float64Array.from(rows, (row) => column.values[row]!).filter((value) => !Number.isNaN(value));
  const [before, now] = [known(reference), known(current)];
  if (Math.min(before.length, now.length) < FEWEST_KNOWN) return undefined;
  const bins = fixedBins(column, before);
  const counts = [countBins(bins, before), countBins(bins, now)] as const;
  const { psi, least, p } = shiftOf(...counts, learners / reference.length);
  const mode = counts[0].indexOf(Math.max(...counts[0]));
  const middle = (values: Float64Array, side: 0 | 1): number =>
    column.kind === "categorical" ? counts[side][mode]! / values.length : median(values);
  const medians = { reference: middle(before, 0), current: middle(now, 1) };
  return { kind: "values", name: column.name, place, ...medians, psi, p, isLarge: psi >= least };
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
