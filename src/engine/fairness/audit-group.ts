import { studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import { undefinedBecause } from "../../numeric/measured.ts";
import { abroca } from "../../numeric/metrics/abroca.ts";
import { expectedCalibrationError, expectedCalibrationNoiseFloor } from "../../numeric/metrics/calibration-error.ts";
import type { Interval } from "../../numeric/metrics/wilson.ts";
import type { Random } from "../../numeric/random.ts";
import { type Figure, figureOf } from "../evaluation/evaluation.ts";
import type { AuditColumn, AuditGap, AuditInput, AuditMeasure, GroupAudit, Withheld } from "./audit.ts";
import { type ComparedRows, compareMeans, rateInterval, type SideMean, sideMean } from "./compare.ts";

/** A gap whose p-values are still to be adjusted: where they stand among the tests of the audit. */
export type DraftGap = AuditGap & { readonly test: number; readonly placeTest?: number };

/** A school or a course, by the rows in it. */
export interface Place {
  readonly column: string;
  readonly value: string;
  /** Shape (rows). */
  readonly isInside: Uint8Array;
}

/** What every group is audited with. */
export interface AuditSetting extends Required<Pick<AuditInput, "minimumCell" | "confidence" | "permutations">> {
  readonly input: AuditInput;
  readonly unit: Int32Array;
  readonly units: number;
  readonly measures: ReadonlyMap<AuditMeasure, Float64Array>;
  /** The p-values of the audit, in the order they came up. */
  readonly tests: number[];
  readonly rng: Random;
}

/** A group whose p-values are still to be adjusted. */
export type DraftGroup = Omit<GroupAudit, "gaps"> & { readonly gaps: readonly DraftGap[] };

/**
 * Audits one group in one place, or in all.
 * @param code - the group, as an index into the attribute's categories
 * @returns undefined when the group has no row there
 */
export function auditGroup(
  setting: AuditSetting,
  attribute: AuditColumn,
  code: number,
  place: Place | undefined,
): DraftGroup | undefined {
  const sidesWhere = (counts: (row: number) => boolean): Int8Array =>
    Int8Array.from(attribute.values, (own, row) => (Number.isNaN(own) || !counts(row) ? -1 : own === code ? 1 : 0));
  const side = sidesWhere((row) => place?.isInside[row] !== 0);
  const rows = side.reduce((sum, own) => sum + (own === 1 ? 1 : 0), 0);
  if (rows === 0) return undefined;
  const named = {
    attribute: attribute.name,
    group: attribute.categories[code]!,
    ...(place === undefined ? {} : { place: { column: place.column, value: place.value } }),
  };
  const tooFew = fewReason(setting, setting.measures.get("selectionRate")!, side);
  if (tooFew !== undefined) return { ...named, gaps: [], withheld: [{ measure: "everything", reason: tooFew }] };
  const elsewhere = place && sidesWhere((row) => place.isInside[row] === 0);
  const gaps: DraftGap[] = [];
  const withheld: Withheld[] = [];
  for (const [measure, values] of setting.measures) {
    const found = auditMeasure(setting, measure, { values, side }, elsewhere);
    if ("reason" in found) withheld.push({ measure, reason: found.reason });
    else gaps.push(found);
  }
  const label = [named.attribute, named.group, place?.column, place?.value].join("\u0000");
  return { ...named, rows, gaps, withheld, ...rankingAndCalibration(setting, side, setting.rng.derive(label)) };
}

/** Why a figure over these rows is not shown; undefined when it is. */
function fewReason(
  { unit, units, minimumCell }: AuditSetting,
  values: Float64Array,
  side: Int8Array,
): string | undefined {
  for (const [who, own] of [
    ["the group", 1],
    ["the others", 0],
  ] as const) {
    const { rows, units: learners } = sideMean({ values, side, unit, units }, own);
    if (rows < minimumCell || learners < minimumCell) return `${who} count fewer than ${minimumCell} rows or learners`;
  }
  return undefined;
}

function auditMeasure(
  setting: AuditSetting,
  measure: AuditMeasure,
  { values, side }: Pick<ComparedRows, "values" | "side">,
  elsewhere: Int8Array | undefined,
): DraftGap | { readonly reason: string } {
  const { unit, units, confidence, tests } = setting;
  const here = { values, side, unit, units };
  const tooFew = fewReason(setting, values, side);
  if (tooFew !== undefined) return { reason: tooFew };
  const [others, group] = [sideMean(here, 0), sideMean(here, 1)];
  const compared = compareMeans(here, confidence);
  if (compared === undefined) return { reason: "every row that counts is alike" };
  const isRate = measure !== "calibration";
  const test = tests.push(compared.p) - 1;
  const afar = elsewhere && unlikeElsewhere(setting, here, elsewhere);
  return {
    measure,
    group: group.mean,
    groupInterval: isRate ? rateInterval(group, confidence) : around(group, confidence),
    others: others.mean,
    othersInterval: isRate ? rateInterval(others, confidence) : around(others, confidence),
    gap: compared.gap,
    interval: compared.interval,
    rows: [compared.rows[1], compared.rows[0]],
    p: compared.p,
    adjustedP: Number.NaN,
    test,
    ...(afar === undefined ? {} : { elsewhere: { ...afar, adjustedP: Number.NaN }, placeTest: tests.push(afar.p) - 1 }),
  };
}

/** The same gap in all other places, and the chance that this place differs from them as much without being unlike them. */
function unlikeElsewhere(
  { confidence, minimumCell }: AuditSetting,
  here: ComparedRows,
  side: Int8Array,
): { readonly gap: number; readonly p: number } | undefined {
  const [others, group] = [sideMean({ ...here, side }, 0), sideMean({ ...here, side }, 1)];
  if (Math.min(others.units, group.units) < minimumCell) return undefined;
  const gap = group.mean - others.mean;
  const compared = compareMeans(here, confidence, gap);
  if (compared === undefined) return undefined;
  const error = Math.sqrt(compared.nullVariance + group.variance + others.variance);
  return { gap, p: studentTwoSided((compared.gap - gap) / error, compared.degrees) };
}

function around({ mean, variance, units }: SideMean, confidence: number): Interval {
  const half = studentTwoSidedQuantile(1 - confidence, units - 1) * Math.sqrt(variance);
  return { low: mean - half, high: mean + half };
}

/** What needs probabilities and labels: calibration within the group, and how differently the groups are ranked. */
function rankingAndCalibration(
  { input, permutations, unit, units }: AuditSetting,
  side: Int8Array,
  rng: Random,
): Pick<GroupAudit, "ece" | "abroca"> {
  const { labels, probabilities } = input;
  if (labels === undefined || probabilities === undefined) return {};
  const inGroup = Int32Array.from(side.keys()).filter((row) => side[row] === 1);
  const own = Float64Array.from(inGroup, (row) => probabilities[row]!);
  const ownLabels = Uint8Array.from(inGroup, (row) => labels[row]!);
  const inPlace = Int32Array.from(side.keys()).filter((row) => side[row]! >= 0);
  const scores = Float64Array.from(inPlace, (row) => probabilities[row]!);
  const outcomes = Uint8Array.from(inPlace, (row) => labels[row]!);
  const isGroup = Uint8Array.from(inPlace, (row) => side[row]!);
  const areas: number[] = [];
  for (let draw = 0; draw < permutations; draw++) {
    const area = abroca(outcomes, scores, permuted(isGroup, inPlace, unit, units, rng));
    if (area.status === "defined") areas.push(area.value);
  }
  areas.sort((a, b) => a - b);
  const chance: Figure =
    areas.length === 0 || areas.length < permutations
      ? undefinedBecause("a permuted group has only one of the two outcomes, or nothing was permuted")
      : areas[Math.ceil(0.95 * areas.length) - 1]!;
  return {
    ece: {
      value: figureOf(expectedCalibrationError(ownLabels, own)),
      noiseFloor: figureOf(expectedCalibrationNoiseFloor(own)),
    },
    abroca: { value: figureOf(abroca(outcomes, scores, isGroup)), chance },
  };
}

/** The group label of every learner given to another learner of the place: rows of one learner stay together. */
function permuted(isGroup: Uint8Array, rows: Int32Array, unit: Int32Array, units: number, rng: Random): Uint8Array {
  const groupOf = new Int8Array(units).fill(-1);
  for (const [at, row] of rows.entries()) groupOf[unit[row]!] = isGroup[at]!;
  const present = Int32Array.from(groupOf.keys()).filter((one) => groupOf[one]! >= 0);
  const labels = Int8Array.from(present, (one) => groupOf[one]!);
  for (let i = labels.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [labels[i], labels[j]] = [labels[j]!, labels[i]!];
  }
  for (const [at, one] of present.entries()) groupOf[one] = labels[at]!;
  return Uint8Array.from(rows, (row) => groupOf[unit[row]!]!);
}
