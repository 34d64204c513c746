import { CairnError } from "../../errors.ts";
import { holm } from "../../models/study/diagnostics/multiplicity.ts";
import { random } from "../../numeric/random.ts";
import type { AuditFinding, AuditGap, AuditInput, AuditMeasure, FairnessAudit, GroupAudit } from "./audit.ts";
import { auditGroup, type DraftGap, type Place } from "./audit-group.ts";

/**
 * Audits flags for every group of every protected attribute, over all rows and within every place: the group beside all others,
 * with intervals, and in a place also whether its gap is unlike the one in the other places, which is how one biased school
 * shows among many. Rows of one learner are not counted as independent; every test of the audit is adjusted by Holm, so that an
 * audit without any bias has a finding in at most 1 − confidence of all cases. Figures of fewer rows or learners than the minimum
 * cell size are withheld and named. The area between ROC curves stands beside its own chance level and is no finding.
 * What it cannot see: a bias that the labels share.
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`
 * @see handbook early-warning 3.11; Holm (1979), Scandinavian Journal of Statistics 6
 */
export function auditFairness(input: AuditInput): FairnessAudit {
  checkInput(input);
  const { minimumCell = 10, confidence = 0.95, permutations = 199 } = input;
  const { unit, units } = unitsOf(input);
  const rng = random(input.seed).derive("fairness");
  const setting = {
    input,
    minimumCell,
    confidence,
    permutations,
    unit,
    units,
    measures: measuresOf(input),
    tests: [] as number[],
    rng,
  };
  const drafts = input.attributes.flatMap((attribute) =>
    attribute.categories.flatMap((_, code) => [
      auditGroup(setting, attribute, code, undefined),
      ...placesOf(input).map((place) => auditGroup(setting, attribute, code, place)),
    ]),
  );
  const adjusted = holm(setting.tests);
  const groups = drafts
    .filter((draft) => draft !== undefined)
    .map(({ gaps, ...draft }): GroupAudit => ({ ...draft, gaps: gaps.map((gap) => finished(gap, adjusted)) }));
  return {
    rows: input.flagged.length,
    flagged: input.flagged.reduce((sum, one) => sum + one, 0),
    minimumCell,
    confidence,
    tests: setting.tests.length,
    groups,
    findings: findingsOf(groups, 1 - confidence),
  };
}

function checkInput({
  flagged,
  labels,
  probabilities,
  attributes,
  within = [],
  learner,
  ...options
}: AuditInput): void {
  const rows = flagged.length;
  const lengths = [labels, probabilities, learner, ...[...attributes, ...within].map(({ values }) => values)];
  const wrong = lengths.find((values) => values !== undefined && values.length !== rows);
  if (wrong !== undefined)
    throw new CairnError("SHAPE_MISMATCH", `expected one value per row, got ${rows} flags and ${wrong.length} values`);
  if (attributes.length === 0) {
    throw new CairnError("BAD_INPUT", "expected at least one protected attribute to audit, got none", {
      hint: "name the columns that say who belongs to which group",
    });
  }
  if (flagged.some((one) => one > 1) || labels?.some((one) => one > 1))
    throw new CairnError("BAD_INPUT", "expected flags and labels of 0 and 1, got others");
  const { minimumCell = 10, confidence = 0.95, permutations = 199 } = options;
  if (!(Number.isInteger(minimumCell) && minimumCell >= 2))
    throw new CairnError("BAD_INPUT", `expected a minimum cell size from 2, got ${minimumCell}`);
  if (!(confidence > 0 && confidence < 1))
    throw new CairnError("BAD_INPUT", `expected a confidence between 0 and 1, got ${confidence}`);
  if (!(Number.isInteger(permutations) && permutations >= 0))
    throw new CairnError("BAD_INPUT", `expected permutations from 0, got ${permutations}`);
}

function unitsOf({ flagged, learner }: AuditInput): { readonly unit: Int32Array; readonly units: number } {
  const known = new Map<number, number>();
  let units = 0;
  const unit = Int32Array.from(flagged, (_, row) => {
    const own = learner?.[row] ?? Number.NaN;
    if (Number.isNaN(own)) return units++;
    const found = known.get(own) ?? units++;
    known.set(own, found);
    return found;
  });
  return { unit, units };
}

/** What is averaged for each measure: NaN where a row does not count. */
function measuresOf({ flagged, labels, probabilities }: AuditInput): Map<AuditMeasure, Float64Array> {
  const measures = new Map<AuditMeasure, Float64Array>([["selectionRate", Float64Array.from(flagged)]]);
  if (labels === undefined) return measures;
  const where = (counts: (row: number) => boolean, value: (row: number) => number): Float64Array =>
    Float64Array.from(flagged, (_, row) => (counts(row) ? value(row) : Number.NaN));
  measures.set(
    "truePositiveRate",
    where(
      (row) => labels[row] === 1,
      (row) => flagged[row]!,
    ),
  );
  measures.set(
    "falsePositiveRate",
    where(
      (row) => labels[row] === 0,
      (row) => flagged[row]!,
    ),
  );
  measures.set(
    "positivePredictiveValue",
    where(
      (row) => flagged[row] === 1,
      (row) => labels[row]!,
    ),
  );
  if (probabilities !== undefined)
    measures.set(
      "calibration",
      where(
        () => true,
        (row) => probabilities[row]! - labels[row]!,
      ),
    );
  return measures;
}

function placesOf({ within = [] }: AuditInput): Place[] {
  return within.flatMap(({ name, values, categories }) =>
    categories.map((value, code) => ({
      column: name,
      value,
      isInside: Uint8Array.from(values, (own) => (own === code ? 1 : 0)),
    })),
  );
}

function finished({ test, placeTest, ...gap }: DraftGap, adjusted: readonly number[]): AuditGap {
  const { elsewhere, ...here } = { ...gap, adjustedP: adjusted[test]! };
  if (elsewhere === undefined || placeTest === undefined) return here;
  return { ...here, elsewhere: { ...elsewhere, adjustedP: adjusted[placeTest]! } };
}

function findingsOf(groups: readonly GroupAudit[], level: number): AuditFinding[] {
  return groups
    .flatMap(({ attribute, group, place, gaps }) =>
      gaps.flatMap(({ measure, gap, adjustedP, elsewhere }): AuditFinding[] => {
        if (adjustedP > level) return [];
        const named = { attribute, group, ...(place === undefined ? {} : { place }), measure };
        const found: AuditFinding[] = [{ ...named, kind: "gap", size: gap, adjustedP }];
        // A place without a gap is unlike the others, too, when one of them is biased: only the wider gap is told.
        if (elsewhere !== undefined && elsewhere.adjustedP <= level && Math.abs(gap) > Math.abs(elsewhere.gap))
          found.push({ ...named, kind: "place", size: gap - elsewhere.gap, adjustedP: elsewhere.adjustedP });
        return found;
      }),
    )
    .sort((a, b) => a.adjustedP - b.adjustedP);
}
