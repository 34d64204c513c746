/** How knowledge is spread, grows, fades and shows: the numbers of the model that all learners share. Logits unless said otherwise. */
export interface AbilityDynamics {
  /** Spread of general ability over learners, and of a learner's own strength on one standard: standard deviations. */
  readonly generalSpread: number;
  readonly standardSpread: number;
  /** What one answer teaches, times the share that is still answered wrong. */
  readonly practiceGain: number;
  /** Variance that one answer adds to the strength on its standard, and to general ability: what practice does beside the mean. */
  readonly practiceVariance: number;
  readonly generalVariance: number;
  /** Share of the distance to its resting level that a strength goes in a day without practice, and that level. */
  readonly fadePerDay: number;
  readonly restingLevel: number;
  /** Variance a day adds to general ability. */
  readonly generalVariancePerDay: number;
  /** Chance of a right answer without knowing, and of a wrong one although known. */
  readonly guess: number;
  readonly slip: number;
  /** How far what rests on a standard may be ahead of it: standard deviation. */
  readonly prerequisiteSlack: number;
  /** How many answers one result of a test, and one mark or word of a teacher, weigh. */
  readonly assessmentWeight: number;
  readonly teacherWeight: number;
  /** By how much a test is easier, and a teacher milder, than practice on the same standard. */
  readonly assessmentEasiness: number;
  readonly teacherEasiness: number;
}

/** The name of one number of the dynamics. */
export type DynamicsName = keyof AbilityDynamics;

interface Coordinate {
  readonly start: number;
  /** Open interval the number lives in; an upper end of +∞ is searched on the logarithm, a finite one on the logit. */
  readonly range: readonly [low: number, high: number];
}

/**
 * Where the search starts, which is also what it is drawn to where data say nothing, and within what bounds. The start is the
 * rounded optimum on three fifths of the training learners of ASSISTments 2009 and on a synthetic district, whichever knows of
 * a number (days are known to the district only).
 */
const coordinates: Readonly<Record<DynamicsName, Coordinate>> = {
  generalSpread: { start: 1.1, range: [0, Number.POSITIVE_INFINITY] },
  standardSpread: { start: 0.7, range: [0, Number.POSITIVE_INFINITY] },
  practiceGain: { start: 0.1, range: [0, Number.POSITIVE_INFINITY] },
  practiceVariance: { start: 0.01, range: [0, Number.POSITIVE_INFINITY] },
  generalVariance: { start: 0.001, range: [0, Number.POSITIVE_INFINITY] },
  fadePerDay: { start: 0.003, range: [0, 0.5] },
  restingLevel: { start: 0.3, range: [-3, 3] },
  generalVariancePerDay: { start: 0.0002, range: [0, Number.POSITIVE_INFINITY] },
  guess: { start: 0.05, range: [1e-4, 0.4] }, // four choices are .25; beyond .4 a right answer says nothing
  slip: { start: 0.02, range: [1e-4, 0.25] },
  prerequisiteSlack: { start: 0.6, range: [0, Number.POSITIVE_INFINITY] },
  assessmentWeight: { start: 3, range: [0.01, 20] }, // no single result outweighs a term of practice
  teacherWeight: { start: 2, range: [0.01, 20] },
  assessmentEasiness: { start: 0, range: [-3, 3] },
  teacherEasiness: { start: 0, range: [-3, 3] },
};

/** The names in the order arrays of numbers go by. */
export const dynamicsNames: readonly DynamicsName[] = Object.keys(coordinates) as DynamicsName[];

/** Where the search starts. */
export const startingDynamics: AbilityDynamics = Object.fromEntries(
  dynamicsNames.map((name) => [name, coordinates[name].start]),
) as unknown as AbilityDynamics;

/** A number on the line the search walks on. */
export function toLine(name: DynamicsName, value: number): number {
  const [low, high] = coordinates[name].range;
  return high === Number.POSITIVE_INFINITY ? Math.log(value - low) : Math.log((value - low) / (high - value));
}

/** The way back from {@link toLine}. */
export function fromLine(name: DynamicsName, position: number): number {
  const [low, high] = coordinates[name].range;
  return high === Number.POSITIVE_INFINITY ? low + Math.exp(position) : low + (high - low) / (1 + Math.exp(-position));
}
