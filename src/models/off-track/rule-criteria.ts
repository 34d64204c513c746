import { CairnError } from "../../errors.ts";

/** How worried a criterion is when it fires. */
export type RuleLevel = "at-risk" | "early-warning";

/** One comparison of a rule: it fires when `feature operator threshold` holds; a missing value never fires. */
export interface Criterion {
  /** The name of a numeric column. */
  readonly feature: string;
  readonly operator: "<" | "<=" | ">" | ">=";
  /** In the unit of the feature. */
  readonly threshold: number;
  readonly level: RuleLevel;
  /** The ABC a counselor thinks in: attendance, behavior, course performance. */
  readonly group: "attendance" | "behavior" | "course";
}

/** The columns the Ed-Fi criteria read, by the names they have in a matrix. */
export interface EdFiColumns {
  /** Share of enrolled instructional days present, in [0, 1]. */
  readonly attendanceRate: string;
  /** State offenses so far. */
  readonly stateOffenses: string;
  /** Code-of-conduct offenses so far. */
  readonly conductOffenses: string;
  /** Latest mathematics mark, 0 to 100. */
  readonly mathematicsGrade: string;
  /** Latest English mark, 0 to 100. */
  readonly englishGrade: string;
}

/**
 * The early-warning criteria of the Ed-Fi Analytics Middle Tier, after Balfanz, with the thresholds and operators of its SQL
 * views: attendance below 0.80 / 0.88, any state offense, conduct offenses over 5 / 2, a mathematics or English mark below
 * 65 / 72. Unlike the views, a learner without any of these values is unknown, not on track.
 * @param columns - where to read the values
 * @param options - `conductOperator` is `>` in the SQL (six offenses to be at risk); `>=` follows the documentation's wording
 * @see Ed-Fi Alliance, Analytics Middle Tier, docs/early-warning-system.md
 */
export function edFiCriteria(
  columns: EdFiColumns,
  { conductOperator = ">" }: { readonly conductOperator?: ">" | ">=" } = {},
): readonly Criterion[] {
  const { attendanceRate, stateOffenses, conductOffenses, mathematicsGrade, englishGrade } = columns;
  const marks = [mathematicsGrade, englishGrade].flatMap((feature): Criterion[] => [
    { feature, operator: "<", threshold: 65, level: "at-risk", group: "course" },
    { feature, operator: "<", threshold: 72, level: "early-warning", group: "course" },
  ]);
  return [
    { feature: attendanceRate, operator: "<", threshold: 0.8, level: "at-risk", group: "attendance" },
    { feature: attendanceRate, operator: "<", threshold: 0.88, level: "early-warning", group: "attendance" },
    { feature: stateOffenses, operator: ">", threshold: 0, level: "at-risk", group: "behavior" },
    { feature: conductOffenses, operator: conductOperator, threshold: 5, level: "at-risk", group: "behavior" },
    { feature: conductOffenses, operator: conductOperator, threshold: 2, level: "early-warning", group: "behavior" },
    ...marks,
  ];
}

/**
 * The rule OULAD models are compared with: at least one due assessment missed, or a mean score below 40. A learner who has
 * no score yet does not fire the second.
 */
export const ouladWeekCriteria: readonly Criterion[] = Object.freeze<Criterion[]>([
  { feature: "missed", operator: ">=", threshold: 1, level: "at-risk", group: "course" },
  { feature: "mean", operator: "<", threshold: 40, level: "at-risk", group: "course" },
]);

const allowed = {
  operator: ["<", "<=", ">", ">="],
  level: ["at-risk", "early-warning"],
  group: ["attendance", "behavior", "course"],
} as const;

/** Whether a value read from outside is a well-formed criterion. */
export function isCriterion(value: unknown): value is Criterion {
  if (value === null || typeof value !== "object") return false;
  const { feature, threshold, ...words } = value as Record<string, unknown>;
  const known = Object.entries(allowed).every(([name, choices]) =>
    (choices as readonly unknown[]).includes(words[name]),
  );
  return typeof feature === "string" && feature !== "" && Number.isFinite(threshold) && known;
}

/**
 * Checks the criteria of a rule.
 * @throws CairnError `BAD_INPUT` for none, or for one that is not well formed
 */
export function checkCriteria(criteria: readonly Criterion[]): void {
  if (criteria.length === 0) throw new CairnError("BAD_INPUT", "expected at least one criterion, got none");
  const wrong = criteria.findIndex((criterion) => !isCriterion(criterion));
  if (wrong >= 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a feature, an operator, a finite threshold, a level and a group in criterion ${wrong}, got something else`,
      {
        hint: "operators are <, <=, > and >=; levels at-risk and early-warning; groups attendance, behavior and course",
      },
    );
  }
}

/** Whether a value fires a criterion; a missing value does not. */
export function fires({ operator, threshold }: Criterion, value: number): boolean {
  if (operator === "<") return value < threshold;
  if (operator === "<=") return value <= threshold;
  return operator === ">" ? value > threshold : value >= threshold;
}
