import { CairnError } from "../../../errors.ts";
import type { Tensors } from "../../../models/artifact.ts";
import type { FittedClassifier } from "../../../models/estimator.ts";
import type { FittedCalibration } from "../../../models/off-track/calibration/calibration.ts";
import { nestedTensors, nestTensors } from "../../../models/off-track/calibration/nested.ts";
import { plattCalibration } from "../../../models/off-track/calibration/platt.ts";
import type { FittedUnfamiliarity } from "../../../models/off-track/similarity/unfamiliarity.ts";
import { unfamiliarity } from "../../../models/off-track/similarity/unfamiliarity.ts";
import { logit, sigmoid } from "../../../numeric/log-odds.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Interval } from "../../../numeric/metrics/wilson.ts";
import { riskRecipes } from "../recipes.ts";
import type { Evidence } from "./evidence.ts";
import { intervalOf } from "./evidence.ts";

/** What a risk model is put together from. */
export interface RiskParts {
  /** The candidate's name, such as `logistic` or `rule`. */
  readonly chosen: string;
  readonly classifier: FittedClassifier;
  /** Absent where the held-out rows did not gain by it. */
  readonly calibration?: FittedCalibration;
  /** Absent with too few training rows to know what is usual. */
  readonly unfamiliarity?: FittedUnfamiliarity;
  /** What it said of rows it had not seen, and how they ended. */
  readonly evidence: Evidence;
}

/** A model of one outcome as the ranking uses it: calibrated, with an interval, and able to say that it has seen nobody like this. */
export interface FittedRiskModel extends FittedClassifier {
  readonly parts: RiskParts;
  /** The interval of a probability that this model gave. */
  interval(probability: number): Interval;
}

const KIND = "early-warning/risk-model";
const FURTHEST = 1e-12; // probabilities are kept this far from 0 and 1, as in the calibrations

/**
 * Puts a risk model together. Its calibration is a line in log-odds, so reasons stay additive: contributions are those of the
 * classifier times the slope, and the base takes the rest.
 */
export function fittedRiskModel(parts: RiskParts): FittedRiskModel {
  const { classifier, calibration, evidence } = parts;
  const { features } = classifier;
  const slope = calibration?.slope ?? 1;
  const calibrated = (matrix: FeatureMatrix, out: Float64Array): void => {
    classifier.predict(matrix, out);
    for (let row = 0; row < out.length; row++) out[row] = logOddsOf(out[row]!);
    calibration?.calibrate(out, out);
  };
  return {
    kind: KIND,
    features,
    parts,
    predict(matrix, out) {
      calibrated(matrix, out);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      classifier.explain(matrix, out);
      if (calibration === undefined) return;
      const total = new Float64Array(matrix.rows);
      calibrated(matrix, total);
      const width = features.length + 1;
      for (let row = 0, offset = 0; row < matrix.rows; row++, offset += width) {
        let base = total[row]!;
        for (let at = offset; at < offset + features.length; at++) {
          out[at]! *= slope;
          base -= out[at]!;
        }
        out[offset + features.length] = base;
      }
    },
    interval: (probability) => intervalOf(evidence, probability),
    encode: () => encodeParts(parts),
  };
}

/** Log-odds of a probability, kept finite. */
export function logOddsOf(probability: number): number {
  return logit(Math.min(Math.max(probability, FURTHEST), 1 - FURTHEST));
}

function encodeParts({ chosen, classifier, calibration, unfamiliarity: unfamiliar, evidence }: RiskParts): Tensors {
  return nestTensors(
    { kind: KIND, chosen },
    {
      classifier: classifier.encode(),
      ...(calibration === undefined ? {} : { calibration: calibration.encode() }),
      ...(unfamiliar === undefined ? {} : { unfamiliarity: unfamiliar.encode() }),
      evidence: {
        metadata: { yearly: String(evidence.yearly) },
        arrays: { probabilities: evidence.probabilities, labels: evidence.labels },
      },
    },
  );
}

/**
 * The way back from {@link FittedRiskModel}'s `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` for tensors that are none, or whose classifier no recipe here knows
 */
export function decodeRiskModel(tensors: Tensors): FittedRiskModel {
  const part = (name: string): Tensors | undefined => {
    const found = nestedTensors(tensors, name);
    return found.metadata.kind === undefined ? undefined : found;
  };
  const classifier = part("classifier");
  const recipe = riskRecipes().find(({ kind }) => kind === classifier?.metadata.kind);
  const stored = nestedTensors(tensors, "evidence");
  const { probabilities, labels } = stored.arrays;
  const yearly = Number(stored.metadata.yearly ?? Number.NaN);
  if (
    tensors.metadata.kind !== KIND ||
    classifier === undefined ||
    recipe === undefined ||
    !(
      probabilities instanceof Float64Array &&
      labels instanceof Uint8Array &&
      probabilities.length === labels.length
    ) ||
    !(yearly >= 0)
  ) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      "expected a risk model with a classifier that is known, got another artifact",
      {
        hint: "run the version of cairn that trained it, or train again",
      },
    );
  }
  const [calibration, unfamiliar] = [part("calibration"), part("unfamiliarity")];
  return fittedRiskModel({
    chosen: tensors.metadata.chosen ?? "",
    classifier: recipe.decode(classifier),
    ...(calibration === undefined ? {} : { calibration: plattCalibration().decode(calibration) }),
    ...(unfamiliar === undefined ? {} : { unfamiliarity: unfamiliarity().decode(unfamiliar) }),
    evidence: { probabilities, labels, yearly },
  });
}
