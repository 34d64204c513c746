/** What a reason needs to know of a feature: a part of its catalog entry. */
export interface FeatureWords {
  readonly name: string;
  readonly unit: string;
  /** What a counselor calls the family of things it belongs to, such as attendance. */
  readonly group: string;
  readonly actionable: boolean;
}

/** Why one learner is ranked where they are: one group of features, with its strongest evidence in words. */
export interface RiskReason {
  readonly group: string;
  /** Log-odds the group adds to the learner's risk (negative: it protects). */
  readonly contribution: number;
  readonly actionable: boolean;
  readonly words: string;
}

const WORTH_SAYING = 0.05; // log-odds: about one percentage point at even odds

/**
 * Gathers per-feature contributions into what a person can say and act on: one reason per group, actionable groups first,
 * then by size; only what raises the risk. Every group's contribution is the exact sum of its features' contributions.
 * @param contributions - shape (features), log-odds
 * @param values - shape (features), the learner's own; NaN when not known
 * @param typical - shape (features), the peers' median; NaN when there is none
 */
export function riskReasons(
  features: readonly FeatureWords[],
  contributions: ArrayLike<number>,
  values: ArrayLike<number>,
  typical: ArrayLike<number>,
): RiskReason[] {
  const groups = new Map<string, { sum: number; strongest: number; actionable: boolean }>();
  for (let index = 0; index < features.length; index++) {
    const { group, actionable } = features[index]!;
    const entry = groups.get(group) ?? { sum: 0, strongest: index, actionable: false };
    entry.sum += contributions[index]!;
    entry.actionable ||= actionable;
    if (contributions[index]! > contributions[entry.strongest]!) entry.strongest = index;
    groups.set(group, entry);
  }
  return [...groups]
    .filter(([, entry]) => entry.sum > WORTH_SAYING)
    .sort(([, a], [, b]) => Number(b.actionable) - Number(a.actionable) || b.sum - a.sum)
    .map(([group, { sum, strongest, actionable }]) => ({
      group,
      contribution: sum,
      actionable,
      words: evidence(features[strongest]!, values[strongest]!, typical[strongest]!),
    }));
}

/**
 * What lowers the risk, as {@link riskReasons} says what raises it: one strength per group, the strongest first, whether or not
 * anybody can act on it. Contributions are below 0.
 */
export function riskStrengths(
  features: readonly FeatureWords[],
  contributions: ArrayLike<number>,
  values: ArrayLike<number>,
  typical: ArrayLike<number>,
): RiskReason[] {
  const lowered = Float64Array.from(contributions, (part) => -part);
  return riskReasons(features, lowered, values, typical)
    .map((strength) => ({ ...strength, contribution: -strength.contribution }))
    .sort((a, b) => a.contribution - b.contribution);
}

function evidence(feature: FeatureWords, value: number, typical: number): string {
  const label = labelOf(feature.name);
  if (Number.isNaN(value)) return `${label}: no data`;
  const peers = Number.isNaN(typical) ? "" : ` (typical for peers: ${format(typical, feature.unit)})`;
  return `${label}: ${format(value, feature.unit)}${peers}`;
}

/** The catalog's names are the field's own words: attendance_rate_28_days is "Attendance rate 28 days". */
function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const unitless = new Set(["", "score", "weight", "ratio", "label"]);

function format(value: number, unit: string): string {
  if (unit.startsWith("share")) return `${Math.round(value * 100)} %`;
  const plain = unit.replace(/ \(.*\)$/, ""); // "score (0 to 100)" reads better without its range here
  const number = value.toFixed(Number.isInteger(value) ? 0 : 1);
  if (unitless.has(plain)) return number;
  return `${number} ${value === 1 ? plain.replace(/s$/, "") : plain}`;
}
