import type { FeatureDirection } from "../../features/family.ts";
import { partsOf, say } from "./words/say.ts";

/** What a reason needs to know of a feature: a part of its catalog entry. */
export interface FeatureWords {
  readonly name: string;
  readonly unit: string;
  /** What the number says. */
  readonly meaning?: string;
  /** What a counselor calls the family of things it belongs to, such as attendance. */
  readonly group: string;
  readonly actionable: boolean;
  /** Which way it points; "none" when left out. */
  readonly direction?: FeatureDirection;
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
const NEARLY = 0.5; // of the strongest contribution: then what is easier to say is said

interface Group {
  sum: number;
  actionable: boolean;
  readonly members: number[];
}

/**
 * Gathers per-feature contributions into what a person can say and act on: one reason per group, actionable groups first, of these the ones
 * with evidence before those of whom only something is missing, then by size; only what raises the risk. Every group's contribution is the exact sum of its features' contributions. Its words are the
 * evidence that stands out: of the features that raise the risk and are on the risky side of the peers' median the strongest, and of
 * nearly as strong ones the plainest. Where nothing is on that side, that is said: a small part of many things is no evidence of one.
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
  const about = { features, contributions, values, typical };
  return [...groupsOf(about)]
    .filter(([, entry]) => entry.sum > WORTH_SAYING)
    .map(([group, { sum, actionable, members }]) => {
      const told = evidenceOf(about, members, "risk");
      const words = told === undefined ? "several small differences, none that stands out" : wordsOf(about, told);
      const isKnown = told !== undefined && !Number.isNaN(values[told]!);
      return { isKnown, reason: { group, contribution: sum, actionable, words } };
    })
    .sort(
      ({ isKnown: a, reason: one }, { isKnown: b, reason: other }) =>
        Number(other.actionable) - Number(one.actionable) ||
        Number(b) - Number(a) ||
        other.contribution - one.contribution,
    )
    .map(({ reason }) => reason);
}

/**
 * What lowers the risk, as {@link riskReasons} says what raises it: one strength per group, the strongest first, whether or not
 * anybody can act on it. Contributions are below 0. Only what is better than the peers' median is a strength: that others who look like
 * this learner had less luck is none.
 */
export function riskStrengths(
  features: readonly FeatureWords[],
  contributions: ArrayLike<number>,
  values: ArrayLike<number>,
  typical: ArrayLike<number>,
): RiskReason[] {
  const about = { features, contributions, values, typical };
  return [...groupsOf(about)]
    .filter(([, entry]) => -entry.sum > WORTH_SAYING)
    .flatMap(([group, { sum, actionable, members }]) => {
      const told = evidenceOf(about, members, "strength");
      return told === undefined ? [] : [{ group, contribution: sum, actionable, words: wordsOf(about, told) }];
    })
    .sort((a, b) => a.contribution - b.contribution);
}

interface About {
  readonly features: readonly FeatureWords[];
  readonly contributions: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly typical: ArrayLike<number>;
}

function groupsOf({ features, contributions }: About): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (let index = 0; index < features.length; index++) {
    const { group, actionable } = features[index]!;
    const entry = groups.get(group) ?? { sum: 0, actionable: false, members: [] };
    entry.sum += contributions[index]!;
    entry.actionable ||= actionable;
    entry.members.push(index);
    groups.set(group, entry);
  }
  return groups;
}

/** The feature that speaks for its group; undefined where none stands out. */
function evidenceOf(about: About, members: readonly number[], as: "risk" | "strength"): number | undefined {
  const { features, contributions } = about;
  const sign = as === "risk" ? 1 : -1;
  const speaking = members
    .filter((index) => sign * contributions[index]! > 0 && standsOut(about, index, as))
    .sort((a, b) => sign * (contributions[b]! - contributions[a]!));
  // Not to know is told where nothing that is known speaks.
  const known = speaking.filter((index) => !Number.isNaN(about.values[index]!));
  const told = known.length > 0 ? known : speaking;
  const strongest = told[0];
  if (strongest === undefined) return undefined;
  const near = told.filter((index) => sign * contributions[index]! >= NEARLY * sign * contributions[strongest]!);
  return near.reduce((best, index) => (plainness(features[index]!) > plainness(features[best]!) ? index : best));
}

/** Whether a value lies on the side of the peers' median that the catalog calls risky, or on the other one. */
function standsOut({ features, values, typical }: About, index: number, as: "risk" | "strength"): boolean {
  const [value, middle, { direction = "none", name }] = [values[index]!, typical[index]!, features[index]!];
  if (Number.isNaN(value)) return as === "risk"; // not to know is a reason to look, and no strength
  // A place among the peers needs no median: it is its own comparison.
  const peers = partsOf(name).isRank ? 0.5 : middle;
  if (Number.isNaN(peers)) return true;
  if (direction === "none") return as === "risk" && value !== peers;
  return (as === "risk") === (direction === "higher is riskier") ? value > peers : value < peers;
}

const ONE_PIECE = /^(score|days_late)_(last|minimum|maximum)|^(last|first)_/; // one piece of work may be a bad day

/** Days and pieces are said before shares of shares, changes, trends and places. */
function plainness({ name, unit }: FeatureWords): number {
  const { view, isRank } = partsOf(name);
  if (isRank || view === "trend" || unit.startsWith("mid-rank") || unit === "weight") return 0;
  return view === "change" || ONE_PIECE.test(name) ? 1 : 2;
}

function wordsOf({ features, values, typical }: About, index: number): string {
  const beside = (name: string): number => values[features.findIndex((feature) => feature.name === name)] ?? Number.NaN;
  return say(features[index]!, values[index]!, typical[index]!, beside);
}
