import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CairnError } from "../../errors.ts";
import { parsePlan } from "./plan.ts";
import { planShape, type StudyPlan } from "./plan-shape.ts";

const versionShape = z.strictObject({
  hash: z.string(),
  at: z.iso.datetime(),
  reason: z.string().describe("Why the plan was changed; `registered` for the first version"),
  plan: z.unknown(),
});

const lockShape = z.strictObject({
  format: z.literal("cairn-study-lock/1"),
  versions: z.array(versionShape).min(1),
});

/** One registered version of a plan. */
export interface PlanVersion {
  /** SHA-256 of the plan. */
  readonly hash: string;
  /** When it was registered, in UTC. */
  readonly at: string;
  readonly reason: string;
  readonly plan: StudyPlan;
}

/** A registered plan with all its versions: later ones are deviations, each with its reason. */
export interface StudyLock {
  readonly format: "cairn-study-lock/1";
  readonly versions: readonly PlanVersion[];
}

/** SHA-256 of a plan with its defaults, whatever the order of its fields. */
export function planHash(plan: StudyPlan): string {
  return createHash("sha256").update(canonical(plan)).digest("hex");
}

/** JSON with keys in alphabetical order and without undefined ones: equal documents give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).filter(([, own]) => own !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, own]) => `${JSON.stringify(key)}:${canonical(own)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * Registers a plan before outcomes are read, or a change of a registered one.
 * @param at - now
 * @param before - the lock so far, for a change
 * @param reason - why it was changed; needed for a change
 * @throws CairnError `BAD_INPUT` for a change without a reason; `CONFLICT` when nothing changed
 */
export function lockPlan(plan: StudyPlan, at: Date, before?: StudyLock, reason?: string): StudyLock {
  const hash = planHash(plan);
  if (before === undefined) {
    return { format: "cairn-study-lock/1", versions: [{ hash, at: at.toISOString(), reason: "registered", plan }] };
  }
  if (before.versions[before.versions.length - 1]!.hash === hash) {
    throw new CairnError("CONFLICT", "expected a plan that differs from the registered one, got the same", {
      hint: "run the study by the lock you have",
    });
  }
  if (reason === undefined || reason.trim() === "") {
    throw new CairnError("BAD_INPUT", "expected a reason for changing a registered plan, got none", {
      hint: "say why in one sentence: it stands in the report",
    });
  }
  return { ...before, versions: [...before.versions, { hash, at: at.toISOString(), reason, plan }] };
}

/**
 * Reads a lock and checks that no version was edited since it was registered.
 * @throws CairnError `UNREADABLE_FILE`; `ARTIFACT_CORRUPT` when a plan does not have its hash
 */
export async function readLock(path: string): Promise<StudyLock> {
  const parsed = lockShape.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new CairnError("UNREADABLE_FILE", `expected a locked study plan at ${path}, got something else`, {
      hint: "make one with `cairn study lock`",
    });
  }
  const versions = parsed.data.versions.map(({ hash, at, reason, plan }): PlanVersion => {
    const own = parsePlan(plan);
    if (planHash(own) !== hash) {
      throw new CairnError("ARTIFACT_CORRUPT", `expected the plan registered at ${at}, got one that was edited since`, {
        hint: "change a registered plan with `cairn study lock --lock … --reason …`",
      });
    }
    return { hash, at, reason, plan: own };
  });
  return { format: parsed.data.format, versions };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CairnError("UNREADABLE_FILE", `expected a locked study plan in JSON at ${path}, got none`, {
      hint: "make one with `cairn study lock`",
      cause: error,
    });
  }
}

/** Which fields of two plans differ, by name: what a deviation changed. */
export function changedFields(before: StudyPlan, after: StudyPlan): string[] {
  return Object.keys(planShape.shape).filter(
    (field) =>
      canonical(before[field as keyof StudyPlan] ?? null) !== canonical(after[field as keyof StudyPlan] ?? null),
  );
}
