import { z } from "zod";
import { CairnError } from "../../../errors.ts";

/** Below this final mark a course is failed (0 to 100; Ed-Fi maps an F to 55, a D to 65). */
export const PASSING_MARK = 60;

const mark = z.number().min(0).max(100).default(PASSING_MARK);
const horizon = z.number().int().min(7).max(366).nullable().default(null);

const common = {
  outcome: z.string().regex(/^[a-z][a-z0-9-]{1,49}$/, "a short name of small letters, digits and hyphens"),
  /** What people call it. */
  title: z.string().min(1).max(200),
  /** Days after the window before the labels are taken: marks and exits are entered late. */
  maturityDays: z.number().int().min(0).max(366).default(14),
};

const definition = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("off-track"), ...common, passingMark: mark }),
  z.strictObject({ kind: z.literal("drop-out"), ...common, horizonDays: horizon }),
  z.strictObject({ kind: z.literal("course-failure"), ...common, passingMark: mark }),
  z.strictObject({
    kind: z.literal("chronic-absence"),
    ...common,
    share: z.number().gt(0).lt(1).default(0.1),
    counts: z.enum(["period", "ahead"]).default("period"),
    horizonDays: horizon,
  }),
  z.strictObject({
    kind: z.literal("off-track-credits"),
    ...common,
    grades: z.array(z.number().int().min(0).max(13)).min(1).default([9]),
    leastCredits: z.number().positive().default(5),
    mostCoreFailures: z.number().int().min(0).default(1),
  }),
  z.strictObject({
    kind: z.literal("not-proficient"),
    ...common,
    subjects: z
      .array(z.enum(["math", "english"]))
      .min(1)
      .default(["math", "english"]),
    belowPercentile: z.number().gt(0).max(100).default(50),
  }),
  z.strictObject({
    kind: z.literal("declining-effort"),
    ...common,
    horizonDays: z.number().int().min(7).max(120).default(28),
    drop: z.number().gt(0).max(1).default(0.2),
    leastWork: z.number().int().min(1).default(4),
  }),
  z.strictObject({
    kind: z.literal("recorded"),
    ...common,
    name: z.string().min(1),
    values: z.array(z.string().min(1)).min(1),
  }),
]);

/**
 * An outcome as a district defines it: what counts as the bad end, the window in which it can come, and when its labels are
 * ripe. It is part of the identity of every model that learned it.
 *
 * - `off-track` final mark in mathematics or English below the passing mark, or withdrawn, by the end of the period
 * - `drop-out` withdrawn, within the horizon or by the end of the period; a transfer is censored
 * - `course-failure` the final mark of any course below the passing mark, by the end of the period
 * - `chronic-absence` absent on at least this share of enrolled days: of the whole period (what has been missed counts), or of those ahead
 * - `off-track-credits` at the end of the period fewer credits than the least, or more failed semesters in mathematics and English than
 *   allowed (Chicago counts science and social science too: no snapshot tells them apart); learners of other grades have no label
 * - `not-proficient` the last valid test after the as-of day below the percentile, in any of the subjects
 * - `declining-effort` the share of due work handed in falls by at least `drop` in the days ahead, against as many days before
 * - `recorded` what the source says at the end of the period, such as OULAD's final result
 */
export type OutcomeDefinition = z.infer<typeof definition>;

/** The kinds of outcome there are. */
export type OutcomeKind = OutcomeDefinition["kind"];

/** The outcome of a district that has defined none: off track, see docs/decisions/0007-labels.md. */
export const defaultOutcome: OutcomeDefinition = Object.freeze({
  kind: "off-track",
  outcome: "off-track",
  title: "Off track: fails mathematics or English, or withdraws",
  maturityDays: 0, // ripe school by school, when half of those who stayed have a mark: no day is waited for
  passingMark: PASSING_MARK,
});

/**
 * Reads a definition that somebody wrote, with the defaults filled in.
 * @throws CairnError `BAD_INPUT` that names every fault
 */
export function readDefinition(given: unknown): OutcomeDefinition {
  const parsed = definition.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`);
    throw new CairnError(
      "BAD_INPUT",
      `expected the definition of an outcome, got one with faults: ${faults.join("; ")}`,
      {
        hint: "docs/early-warning.md has one of every kind",
      },
    );
  }
  const { data } = parsed;
  if (data.kind === "chronic-absence" && data.counts === "period" && data.horizonDays !== null) {
    throw new CairnError("BAD_INPUT", "expected a horizon for absences ahead, got one for those of a whole period", {
      hint: 'set counts to "ahead", or leave the horizon out',
    });
  }
  return data;
}

/** The days ahead in which the outcome must come; null: until the end of the period. */
export function horizonOf(outcome: OutcomeDefinition): number | null {
  return "horizonDays" in outcome ? outcome.horizonDays : null;
}
