import { CairnError } from "../errors.ts";
import type { FeatureTable } from "./build.ts";
import { kinds, type MotivationKind, PRIOR_TRIES } from "./families/motivation.ts";
import { shrunkenInterval } from "./shrunken-interval.ts";

const LEAST_TRIES = 5; // with fewer nothing is said, whatever the interval

/** What is known of one learner with one kind of activity. */
export interface MotivationFinding {
  readonly kind: Pick<MotivationKind, "aspect" | "value">;
  /** `success`: answers that were right; `persistence`: begun activities that were completed. */
  readonly what: "success" | "persistence";
  /** The share, shrunk towards the learner's own average. */
  readonly estimate: number;
  /** The interval that holds the share with the asked probability. */
  readonly low: number;
  readonly high: number;
  readonly tries: number;
  /** Against the learner's average over the kinds of the same aspect; `unclear` when the interval holds that average. */
  readonly verdict: "above" | "below" | "unclear";
}

/** A learner's motivational profile as of a day. */
export interface MotivationProfile {
  readonly findings: readonly MotivationFinding[];
  /** For a teacher: one sentence per thing that can be said, then what was said of the learner's liking, then what is unclear. */
  readonly sentences: readonly string[];
}

/**
 * What kinds of activity a learner succeeds with and stays with, in numbers with their uncertainty and in words. It describes
 * what happened with activities, not a trait of a child; activities were not assigned at random, so none of it is a cause.
 * @param table - built with `detail` and the family `motivation`
 * @param row - a row of the table
 * @param probability - of the interval, in (0, 1); default 0.9
 * @throws CairnError `UNKNOWN_FEATURE` when the table lacks the family's columns, `BAD_INPUT` for a row or probability out of
 * range
 */
export function describeMotivation(table: FeatureTable, row: number, probability = 0.9): MotivationProfile {
  if (!(Number.isInteger(row) && row >= 0 && row < table.matrix.rows))
    throw new CairnError("BAD_INPUT", `expected a row from 0 to ${table.matrix.rows - 1}, got ${row}`);
  if (!(probability > 0 && probability < 1))
    throw new CairnError("BAD_INPUT", `expected a probability in (0, 1), got ${probability}`);
  return profileOf(cellsOf(table, row), probability);
}

/**
 * The profile of {@link describeMotivation} from cells that come from elsewhere than a table, such as one learner's own record.
 * @param cell - gives the features of the family `motivation` by name; NaN where missing
 * @param probability - of the interval, in (0, 1); default 0.9
 */
export function profileOf(cell: (name: string) => number, probability = 0.9): MotivationProfile {
  const findings = (["success", "persistence"] as const).flatMap((what) =>
    (["modality", "setting"] as const).flatMap((aspect) => findingsOf(what, aspect, cell, probability)),
  );
  const clear = findings.filter(({ verdict }) => verdict !== "unclear");
  const unclear = findings.filter(({ verdict }) => verdict === "unclear");
  const liked = kinds.flatMap((kind) => likingOf(kind, cell(`preference_${kind.stem}`)));
  return {
    findings,
    sentences: [
      ...clear.map((finding) => sentenceOf(finding, probability)),
      ...liked,
      ...(unclear.length === 0 ? [] : [`Not told apart from the average so far: ${unclear.map(nameOf).join(", ")}.`]),
    ],
  };
}

function cellsOf(table: FeatureTable, row: number): (name: string) => number {
  const columns = new Map(table.matrix.columns.map((column) => [column.name, column.values]));
  return (name) => {
    const values = columns.get(name);
    if (values === undefined) {
      throw new CairnError("UNKNOWN_FEATURE", `expected the column "${name}", got a table without it`, {
        hint: 'build with { families: ["motivation"], detail: true }',
      });
    }
    return values[row]!;
  };
}

function findingsOf(
  what: MotivationFinding["what"],
  aspect: MotivationKind["aspect"],
  cell: (name: string) => number,
  probability: number,
): MotivationFinding[] {
  const known = kinds
    .filter((kind) => kind.aspect === aspect)
    .map((kind) => ({
      kind,
      estimate: cell(`${what}_${kind.stem}`),
      tries: cell(`${what}_${kind.stem}_tries`),
    }))
    .filter(({ estimate, tries }) => !Number.isNaN(estimate) && tries >= LEAST_TRIES);
  const total = known.reduce((sum, { tries }) => sum + tries, 0);
  const average = known.reduce((sum, { estimate, tries }) => sum + (estimate * tries) / total, 0);
  return known.map(({ kind, estimate, tries }) => {
    const [low, high] = shrunkenInterval(estimate, tries + PRIOR_TRIES, probability);
    const isAlone = known.length < 2; // with one kind there is no other to differ from
    const verdict = isAlone || (low <= average && average <= high) ? "unclear" : low > average ? "above" : "below";
    return { kind: { aspect: kind.aspect, value: kind.value }, what, estimate, low, high, tries, verdict };
  });
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const nameOf = ({ kind, what }: MotivationFinding): string =>
  `${kind.value} (${what === "success" ? "answers right" : "activities completed"})`;

function sentenceOf(finding: MotivationFinding, probability: number): string {
  const { kind, what, estimate, low, high, tries, verdict } = finding;
  const subject =
    kind.aspect === "modality" ? `With ${kind.value}` : `Working ${settingWords[kind.value] ?? kind.value}`;
  const done = what === "success" ? "of the answers are right" : "of what is begun is completed";
  const counted = what === "success" ? "answers" : "activities";
  return (
    `${subject}, ${percent(estimate)} ${done}, ${verdict} this learner's average ` +
    `(from ${tries} ${counted}; ${percent(probability)} sure between ${percent(low)} and ${percent(high)}).`
  );
}

const settingWords: Readonly<Record<string, string>> = {
  alone: "alone",
  pair: "in a pair",
  "small-group": "in a small group",
  "whole-class": "with the whole class",
};

function likingOf({ value }: MotivationKind, strength: number): string[] {
  if (Number.isNaN(strength) || strength === 0) return [];
  return [`${strength > 0 ? "Said to like" : "Said not to like"} ${value}.`];
}
