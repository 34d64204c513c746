/** Where an observation comes from; each has its own noise. */
export const observationSources = ["response", "assessment", "teacher"] as const;

/** An answer of practice, a result on a standard in a test, or what a teacher entered. */
export type ObservationSource = (typeof observationSources)[number];

/** One thing seen of one learner on one standard. */
export interface Observation {
  /** Position in the tracker's `standards`. */
  readonly standard: number;
  /** The item that was answered, where it is known. */
  readonly item?: string;
  /** 1 right, 0 wrong, between them partial credit. */
  readonly outcome: number;
  /** Milliseconds since 1970, of the district's wall clock read as if it were UTC. */
  readonly at: number;
  readonly source: ObservationSource;
}

/** What an estimate rests on: answers on the standard itself, its neighbours in the graph and the learner's others, or nothing. */
export type EstimateBasis = "own" | "graph" | "prior";

/** What a learner knows of one standard at a moment. */
export interface StandardEstimate {
  /** Chance that the next answer, to an average item of the standard, is right; in [0, 1]. */
  readonly correctNext: number;
  /** Probability that the standard is mastered, in [0, 1]. */
  readonly mastery: number;
  /** 90 % interval of the chance that `correctNext` is the best guess of: its 5th and its 95th percentile, in [0, 1]. */
  readonly low: number;
  readonly high: number;
  /** Observations on the standard itself. */
  readonly evidence: number;
  /** When the chance to recall falls to nine in ten, for a standard that was mastered once; null for any other. */
  readonly reviewDue: number | null;
  /** The chance that it can still be recalled, by the schedule of reviews; null where there is none. */
  readonly retrievability: number | null;
  /** Many opportunities and never mastered: more of the same is unlikely to help. */
  readonly wheelSpinning: boolean;
  readonly basis: EstimateBasis;
}

/** A learner's standards at a moment, as columns; each of shape (standards). */
export interface EstimateColumns {
  readonly correctNext: Float64Array;
  readonly mastery: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly evidence: Float64Array;
  /** Milliseconds; NaN for none. */
  readonly reviewDue: Float64Array;
  /** NaN for none. */
  readonly retrievability: Float64Array;
  /** 0 or 1. */
  readonly wheelSpinning: Uint8Array;
  /** Positions in {@link estimateBases}. */
  readonly basis: Uint8Array;
}

/** The order in which {@link EstimateColumns} numbers what an estimate rests on. */
export const estimateBases: readonly EstimateBasis[] = ["own", "graph", "prior"];

/**
 * What is known of one learner, as small as the learner's history: standards without an observation are not in it. Belongs to
 * the tracker that started it; only that tracker may change it.
 */
export interface TrackerState {
  /** The newest observation's time, −∞ before the first. */
  latest: number;
  /** Numbers about the learner as a whole, by the tracker's own layout. */
  readonly whole: Float64Array;
  /** Numbers per standard that was observed, by the tracker's own layout. */
  readonly standards: Map<number, Float64Array>;
}

/**
 * Follows learners one observation at a time. Immutable: all that changes is in the states. Replaying the same observations in
 * the same order gives the same state to the last byte; {@link TrackerState} is what is stored between requests.
 */
export interface MasteryTracker {
  /** The standards by position. */
  readonly standards: readonly string[];
  /** A learner of whom nothing is known. */
  start(): TrackerState;
  /**
   * Takes in one observation, in constant time: microseconds.
   * @throws CairnError `CONFLICT` when it is older than the newest one taken in (replay the log then), `NOT_FINITE`,
   * `BAD_INPUT` when the outcome is outside [0, 1] or the standard is not one of the tracker's
   */
  observe(state: TrackerState, observation: Observation): void;
  /** One standard at a moment, which may not be before the newest observation: an earlier one counts as that. */
  estimate(state: TrackerState, standard: number, at: number): StandardEstimate;
  /** Every standard at a moment; the same numbers as {@link MasteryTracker.estimate}. @param out - overwritten */
  estimateAll(state: TrackerState, at: number, out: EstimateColumns): void;
  /** The state as bytes: equal states, equal bytes. */
  store(state: TrackerState): Uint8Array;
  /** The way back from `store`. @throws CairnError `ARTIFACT_CORRUPT` when the bytes are not of such a tracker */
  restore(stored: Uint8Array): TrackerState;
}

/** Empty columns for so many standards. */
export function estimateColumns(standards: number): EstimateColumns {
  const column = (): Float64Array => new Float64Array(standards);
  return {
    correctNext: column(),
    mastery: column(),
    low: column(),
    high: column(),
    evidence: column(),
    reviewDue: column(),
    retrievability: column(),
    wheelSpinning: new Uint8Array(standards),
    basis: new Uint8Array(standards),
  };
}

/** One row of the columns. */
export function estimateAt(columns: EstimateColumns, standard: number): StandardEstimate {
  const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return {
    correctNext: columns.correctNext[standard]!,
    mastery: columns.mastery[standard]!,
    low: columns.low[standard]!,
    high: columns.high[standard]!,
    evidence: columns.evidence[standard]!,
    reviewDue: orNull(columns.reviewDue[standard]!),
    retrievability: orNull(columns.retrievability[standard]!),
    wheelSpinning: columns.wheelSpinning[standard] === 1,
    basis: estimateBases[columns.basis[standard]!]!,
  };
}
