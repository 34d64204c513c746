/**
 * The constants of the generative model; README.md has the equations. They are tuned, not estimated from real learners:
 * about 15 to 25 % off track, and a mid-December oracle that is good but not perfect.
 */
export const parameters = {
  /** Correlation of general ability in English with that in mathematics. */
  englishCorrelation: 0.7,
  /** Spread of ability on one standard around the general factor, logits. */
  standardSpread: 0.5,
  /** Weight of the general factor in the ability on a standard. */
  generalWeight: 0.9,
  /** AR(1) of weekly engagement: autocorrelation, stationary standard deviation. */
  engagementMemory: 0.9,
  engagementSpread: 0.55,
  /** Chance of a shock in a week, its size (uniform), and what of it is left a week later. */
  shockChance: 0.008,
  shockLeast: 1,
  shockMost: 2.5,
  shockMemory: 0.93,
  /** What of this week's engagement trait is kept into the next year; the rest is drawn anew. */
  yearMemory: 0.9,
  /** Weekly persistence: what is kept of last week's momentum, and how much a week's success moves it. */
  momentumMemory: 0.85,
  momentumGain: 0.5,
  /** Share of right answers at which momentum does not move. */
  momentumReference: 0.62,
  /** Chance of repeating a grade after failing both courses: in grades 6 to 8, in grade 9. */
  repeatChance: 0.15,
  repeatNinth: 0.5,
  /** Share of school days missed from which a learner counts as chronically absent. */
  chronicAbsence: 0.1,
  /** Learned amount: untaught, fully learned, where forgetting ends (logits). */
  untaught: -1.8,
  learned: 1.8,
  forgettingFloor: -1,
  /** Share of the learned amount above the floor that is forgotten in a week without practice. */
  forgetting: 0.004,
  /** Share of what is still to be learned: in a week of class, by one answered item. */
  classTeaching: 0.3,
  itemTeaching: 0.02,
  /** Factor on the teaching effect of an activity in the learner's preferred modality, before the learner's own noise. */
  preferredFactor: 1.6,
  /** Chance of a wrong answer although known. */
  slip: 0.05,
  /** Ability from which a standard counts as mastered: σ(0.85) = 0.70. */
  masteredFrom: 0.85,
  /** Final mark = base + ability·A + engagement·Ē − absence·(days − 10) + unseen·U + spread·ε, per subject. */
  finalBase: 78,
  finalAbility: 5,
  finalEngagement: 4.2,
  finalAbsence: 0.25,
  /** Points of the final mark for one standard deviation of what no record shows. */
  finalUnseen: 7,
  finalSpread: 8.5,
  finalLearned: 0.4,
  /** Learned amount at the end of the year at which the mark is neutral. */
  learnedReference: 0.35,
  /** A mark below this fails the course. */
  pass: 60,
  /** Weekly withdrawal: logit at engagement 0, slope of engagement, of absent days in the last four weeks, of grade 9. */
  withdrawalBase: -8.5,
  withdrawalEngagement: 1.1,
  withdrawalAbsence: 0.1,
  withdrawalNinth: 0.5,
  /** Weekly chance of moving to another district; depends on nothing. */
  transferChance: 0.0009,
  /** Logits of absence on a day: at engagement 0, slope of engagement. */
  absenceBase: -3.3,
  absenceEngagement: 0.75,
  /** How a teacher sees a learner's coursework, apart from what the learner can do: points, once a year and course. */
  teacherSpread: 9,
  /** How much handing in homework depends on the course rather than the learner, logits. */
  habitSpread: 0.9,
  /** Learners an oracle replays, per learner and year. */
  oraclePaths: 48,
} as const;

/** The logistic function. */
export function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/**
 * The standard normal distribution function, absolute error below 1e-7.
 * @see Abramowitz and Stegun (1964), 7.1.26
 */
export function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 0.5 * polynomial * Math.exp(-x * x);
  return z > 0 ? 1 - half : half;
}

/** Keeps a value within bounds. */
export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
