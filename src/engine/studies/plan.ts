import { readFile } from "node:fs/promises";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { CairnError } from "../../errors.ts";
import { missingParts, planFaults } from "./plan-faults.ts";
import { designEstimators, planShape, type StudyPlan } from "./plan-shape.ts";

/** The JSON Schema of plans (draft 2020-12). */
export function planSchema(): object {
  return z.toJSONSchema(planShape, { io: "input" });
}

/**
 * Reads and checks a plan (YAML or JSON, which is YAML too); every fault is listed at once.
 * @throws CairnError `UNREADABLE_FILE`, `BAD_INPUT`
 */
export async function readPlan(path: string): Promise<StudyPlan> {
  let document: unknown;
  try {
    document = parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected a study plan in YAML or JSON at ${path}, got ${error instanceof YAMLParseError ? error.message.split("\n")[0] : "no file"}`,
      { hint: "see docs/studies.md for an example", cause: error },
    );
  }
  return parsePlan(document);
}

/**
 * Checks a plan; every fault is listed at once.
 * @throws CairnError `BAD_INPUT`
 */
export function parsePlan(document: unknown): StudyPlan {
  const parsed = planShape.safeParse(document);
  const faults = parsed.success
    ? planFaults(parsed.data, designEstimators[parsed.data.design])
    : [
        ...parsed.error.issues.map((issue) => `${issue.path.join(".") || "plan"}: ${issue.message}`),
        ...missingParts(document),
      ];
  if (!parsed.success || faults.length > 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a valid study plan, got ${faults.length} fault(s): ${faults.join("; ")}`,
      { hint: "see docs/studies.md for an example", details: { faults } },
    );
  }
  return parsed.data;
}
