import { studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import type { Interval } from "../../numeric/metrics/wilson.ts";
import type { AuditFinding, AuditGap, AuditMeasure, FairnessAudit, GroupAudit } from "./audit.ts";
import { rateInterval } from "./compare.ts";
import { type Contrast, contrast, type Decisions } from "./contrast.ts";

/** Who belongs to a group of a protected attribute; a learner may belong to several groups of one. */
export interface DecisionGroup {
  readonly attribute: string;
  readonly group: string;
  /** Shape (rows): 1, 0, or −1 where it is not known. */
  readonly isMember: Int8Array;
}

/** A school or a course, by the rows in it. */
export interface DecisionPlace {
  readonly column: string;
  readonly value: string;
  /** Shape (rows). */
  readonly isInside: Uint8Array;
}

/** What `auditDecisions` takes. */
export interface DecisionInput extends Decisions {
  readonly measure: AuditMeasure;
  /** What the decisions are about, where an audit has several such as subjects. */
  readonly topic?: string;
  readonly groups: readonly DecisionGroup[];
  readonly places: readonly DecisionPlace[];
  /** Rows, and learners, a group and the others must have; default 10. */
  readonly minimumCell?: number;
  /** Of the whole audit against any false finding, in (0, 1); default 0.95. */
  readonly confidence?: number;
}

interface Look {
  readonly group: DecisionGroup;
  readonly place: DecisionPlace | undefined;
  readonly side: Int8Array;
  readonly here: Contrast;
  readonly elsewhere: { readonly gap: number; readonly p: number } | undefined;
}

/**
 * Audits what adults decide: each group beside all others, over all rows and within every place, like compared with like. In a place the
 * gap is asked about first, and only where there is one, whether it is unlike that in the other places: two questions are one chain of
 * Holm's procedure, so that a school costs one test and not two (Bretz et al. 2009); a question that is another's mirror (the two
 * groups of one attribute) is asked once. An audit without any bias has a finding in at most 1 − confidence of all cases. A gap that is no
 * more when the rows of a surer finding of the same attribute are left out is that finding's shadow, and not told.
 * @see Bretz, Maurer, Brannath and Posch (2009), Statistics in Medicine 28(4), on chains of hypotheses
 */
export function auditDecisions(input: DecisionInput): FairnessAudit {
  const { values, measure, topic, groups, places, minimumCell = 10, confidence = 0.95 } = input;
  const looks: Look[] = [];
  const audits: GroupAudit[] = [];
  const tests: Look[] = [];
  for (const group of groups) {
    for (const place of [undefined, ...places]) {
      const look = lookAt(input, group, place, { minimumCell, confidence });
      const named = nameOf(group, place);
      if (look === undefined) {
        const reason = `the group or the others count fewer than ${minimumCell} rows or learners, or nothing varies`;
        audits.push({ ...named, gaps: [], withheld: [{ measure: "everything", reason }] });
        continue;
      }
      looks.push(look);
      if (!isMirror(group, groups)) tests.push(look);
    }
  }
  const adjusted = holmOfChains(
    tests.map(({ here, elsewhere }) => (elsewhere === undefined ? [here.p] : [here.p, elsewhere.p])),
  );
  const adjustedOf = new Map(tests.map((look, index) => [look, adjusted[index]!]));
  for (const look of looks) {
    const twin = adjustedOf.get(look) ?? adjustedOf.get(mirrorOf(look, tests)!)!;
    const { here, group, place } = look;
    audits.push({
      ...nameOf(group, place),
      rows: here.rows[1],
      gaps: [gapOf(input, look, twin)],
      withheld: [],
    });
  }
  const level = 1 - confidence;
  const told = tests.filter((look) => adjustedOf.get(look)![0]! <= level).sort((a, b) => a.here.p - b.here.p);
  const kept: Look[] = [];
  for (const look of told) {
    if (!isShadow(input, look, kept, { confidence, tests: tests.length })) kept.push(look);
  }
  return {
    rows: values.length,
    flagged: measure === "selectionRate" ? values.reduce((sum, one) => sum + one, 0) : 0,
    ...{ minimumCell, confidence, tests: tests.length, groups: audits },
    findings: kept
      .flatMap((look) => findingsOf(look, adjustedOf.get(look)!, { measure, level }))
      .map((finding) => (topic === undefined ? finding : { ...finding, topic }))
      .sort((a, b) => a.adjustedP - b.adjustedP),
  };
}

function nameOf({ attribute, group }: DecisionGroup, place: DecisionPlace | undefined) {
  return {
    ...{ attribute, group },
    ...(place === undefined ? {} : { place: { column: place.column, value: place.value } }),
  };
}

/** Whether the group is the second of two that share out an attribute: what is said of it is said of the first, turned round. */
function isMirror(group: DecisionGroup, groups: readonly DecisionGroup[]): boolean {
  const [first, second, ...more] = groups.filter(({ attribute }) => attribute === group.attribute);
  if (group !== second || more.length > 0) return false;
  return group.isMember.every((one, row) => first!.isMember[row] === (one < 0 ? one : 1 - one));
}

const mirrorOf = ({ group, place }: Look, tests: readonly Look[]): Look | undefined =>
  tests.find((one) => one.group.attribute === group.attribute && one.place === place);

function lookAt(
  input: DecisionInput,
  group: DecisionGroup,
  place: DecisionPlace | undefined,
  { minimumCell, confidence }: { readonly minimumCell: number; readonly confidence: number },
): Look | undefined {
  const isEnough = (found: Contrast | undefined): found is Contrast =>
    found !== undefined && Math.min(...found.rows, ...found.units) >= minimumCell;
  const sideWhere = (counts: (row: number) => boolean): Int8Array =>
    group.isMember.map((one, row) => (counts(row) ? one : -1));
  const side = sideWhere((row) => place?.isInside[row] !== 0);
  const here = contrast(input, side, confidence);
  if (!isEnough(here)) return undefined;
  if (place === undefined) return { group, place, side, here, elsewhere: undefined };
  const afar = contrast(
    input,
    sideWhere((row) => place.isInside[row] === 0),
    confidence,
  );
  if (!isEnough(afar)) return { group, place, side, here, elsewhere: undefined };
  const expected = contrast(input, side, confidence, afar.gap)!;
  const error = Math.sqrt(expected.nullVariance + afar.nullVariance);
  const p = studentTwoSided((here.gap - afar.gap) / error, Math.min(expected.degrees, afar.degrees));
  return { group, place, side, here, elsewhere: { gap: afar.gap, p } };
}

/**
 * Holm's procedure over chains of questions, each asked only when the one before it is answered: the level of a finished chain goes to
 * the others.
 * @param chains - p-values, the first question first
 * @returns adjusted p-values of the same shape
 */
export function holmOfChains(chains: readonly (readonly number[])[]): number[][] {
  const adjusted = chains.map((): number[] => []);
  let open = chains.map((_, index) => index).filter((index) => chains[index]!.length > 0);
  let least = 0;
  while (open.length > 0) {
    const headOf = (index: number): number => chains[index]![adjusted[index]!.length]!;
    const next = open.reduce((best, index) => (headOf(index) < headOf(best) ? index : best));
    least = Math.max(least, Math.min(1, headOf(next) * open.length));
    adjusted[next]!.push(least);
    open = open.filter((index) => adjusted[index]!.length < chains[index]!.length);
  }
  return adjusted;
}

/** Whether a gap goes away when the rows of a surer finding of the same attribute are left out of the others. */
function isShadow(
  input: DecisionInput,
  look: Look,
  surer: readonly Look[],
  { confidence, tests }: { readonly confidence: number; readonly tests: number },
): boolean {
  const side = look.side.slice();
  let isTouched = false;
  for (const { group, side: own } of surer) {
    if (group.attribute !== look.group.attribute || group === look.group) continue;
    for (let row = 0; row < side.length; row++) if (own[row] === 1) side[row] = -1;
    isTouched = true;
  }
  if (!isTouched) return false;
  const left = contrast(input, side, confidence);
  return left === undefined || left.p * tests > 1 - confidence;
}

function gapOf(
  { measure, confidence = 0.95 }: DecisionInput,
  { here, elsewhere }: Look,
  [adjustedP, adjustedPlace]: readonly number[],
): AuditGap {
  const [others, group] = here.means;
  const around = (side: 0 | 1): Interval => {
    const [mean, variance] = [here.means[side], here.variances[side]];
    const [rows, units] = [here.rows[side], here.units[side]];
    if (measure === "selectionRate") return rateInterval({ rows, units, mean, variance }, confidence);
    const half = studentTwoSidedQuantile(1 - confidence, units - 1) * Math.sqrt(variance);
    return { low: mean - half, high: mean + half };
  };
  return {
    measure,
    ...{ group, groupInterval: around(1), others, othersInterval: around(0) },
    ...{ gap: here.gap, interval: here.interval, rows: [here.rows[1], here.rows[0]], p: here.p },
    adjustedP: adjustedP!,
    ...(elsewhere === undefined ? {} : { elsewhere: { ...elsewhere, adjustedP: adjustedPlace! } }),
  };
}

function findingsOf(
  { group, place, here, elsewhere }: Look,
  [adjustedP, adjustedPlace]: readonly number[],
  { measure, level }: { readonly measure: AuditMeasure; readonly level: number },
): AuditFinding[] {
  const named = { ...nameOf(group, place), measure };
  const found: AuditFinding[] = [{ ...named, kind: "gap", size: here.gap, adjustedP: adjustedP! }];
  // A place without a gap is unlike the others, too, when one of them is biased: only the wider gap is told.
  if (elsewhere !== undefined && adjustedPlace! <= level && Math.abs(here.gap) > Math.abs(elsewhere.gap))
    found.push({ ...named, kind: "place", size: here.gap - elsewhere.gap, adjustedP: adjustedPlace! });
  return found;
}
