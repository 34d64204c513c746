import { z } from "zod";
import { CairnError } from "../../../errors.ts";

/** Who may be told of an alert. */
export const audiences = ["teacher", "counselor", "family"] as const;

/** One of {@link audiences}. */
export type Audience = (typeof audiences)[number];

const count = z.number().int().min(1).max(1000);
const days = z.number().int().min(0).max(366);
const tell = (...standard: Audience[]) => z.array(z.enum(audiences)).default(standard);

/**
 * What a district decides about each rule; what is left out is cairn's own. `tell` names the audiences: nobody turns a rule
 * off.
 */
const shape = z.strictObject({
  "wrong-answers": z
    .strictObject({
      tell: tell("teacher", "family"),
      wrong: count.default(4),
      of: count.default(5),
      withinDays: days.default(30),
      rightAgain: count.default(3),
      freshDays: days.default(14),
      cooldownDays: days.default(14),
    })
    .refine(({ wrong, of, rightAgain }) => wrong <= of && rightAgain > of - wrong && rightAgain <= of, {
      message: "expected wrong ≤ of, and rightAgain between of − wrong + 1 and of",
    })
    .prefault({}),
  absences: z
    .strictObject({
      tell: tell("teacher", "counselor", "family"),
      absences: count.default(3),
      withinDays: days.default(14),
      freshDays: days.default(14),
      cooldownDays: days.default(14),
    })
    .prefault({}),
  "declining-effort": z
    .strictObject({
      tell: tell("teacher", "counselor"),
      weeks: count.default(2),
      baselineWeeks: count.default(4),
      share: z.number().min(0).max(1).default(0.5),
      minimumAnswers: count.default(10),
      graceDays: days.default(3),
      cooldownDays: days.default(28),
    })
    .prefault({}),
  "capacity-line": z
    .strictObject({
      tell: tell("counselor"),
      capacity: count.default(25),
      margin: z.number().min(0).max(1).default(0.2),
      cooldownDays: days.default(14),
    })
    .prefault({}),
  "silent-source": z
    .strictObject({
      tell: tell("counselor"),
      factor: z.number().min(1).max(100).default(2),
      minimumDays: count.default(2),
      gaps: count.default(30),
      minimumGaps: count.default(5),
    })
    .prefault({}),
});

/** The rules of a district, whole. */
export type Rules = z.infer<typeof shape>;

/** The name of a rule. */
export type RuleName = keyof Rules;

/** The names of the rules, as they stand in a district's own. */
export const ruleNames = Object.keys(shape.shape) as RuleName[];

/** Of a rule's name; undefined for any other text. */
export function ruleNamed(name: string): RuleName | undefined {
  return ruleNames.find((known) => known === name);
}

/** The kind of data each rule rests on: a family that refuses that kind for early warning silences the rule. */
export const ruleData = {
  "wrong-answers": "practice",
  absences: "attendance",
  "declining-effort": "practice",
  "capacity-line": "enrolment",
  "silent-source": "internal",
} as const satisfies Readonly<Record<RuleName, string>>;

/**
 * Completes and checks what a district decided.
 * @param decided - the rules it wants otherwise than cairn's own; `{}` is cairn's own
 * @throws CairnError `BAD_INPUT` that names every fault
 */
export function readRules(decided: unknown): Rules {
  const parsed = shape.safeParse(decided);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CairnError("BAD_INPUT", `expected rules of alerts, got ${faults.join("; ")}`, {
    hint: "see docs/alerts.md for the numbers of each rule",
  });
}
