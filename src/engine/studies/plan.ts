import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CairnError } from "../../errors.ts";

const name = z.string().min(1);

const schema = z.strictObject({
  question: name.describe("What the study asks, in one sentence"),
  legalBasis: name.describe("Why the data may be used: a studies agreement, consent, or publicly released data"),
  design: z
    .enum(["individual-trial", "cluster-trial"])
    .describe("Who was assigned by lot: learners, or whole classes or schools"),
  treatment: z
    .strictObject({ column: name, treated: z.string(), comparison: z.string() })
    .describe("The column of the assignment and its two values; rows with other values are not of the sample"),
  outcome: z
    .strictObject({ column: name })
    .describe("A numeric column; empty means the outcome is missing (attrition)"),
  clusters: z.strictObject({ column: name }).optional().describe("For a cluster trial: what was assigned as a whole"),
  level: z.number().gt(0.5).lt(1).default(0.95).describe("Confidence level of the intervals"),
});

/** A study plan: what is asked of which columns, and by which design the answer was made possible. */
export type StudyPlan = z.infer<typeof schema>;

/**
 * Reads and checks a plan (JSON); every fault is listed at once.
 * @throws CairnError `UNREADABLE_FILE`, `BAD_INPUT`
 */
export async function readPlan(path: string): Promise<StudyPlan> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected a study plan in JSON at ${path}, got ${error instanceof SyntaxError ? "something else" : "no file"}`,
      {
        hint: "see docs/studies.md for an example",
        cause: error,
      },
    );
  }
  const parsed = schema.safeParse(document);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (parsed.success && parsed.data.design === "cluster-trial" && parsed.data.clusters === undefined) {
    faults.push("clusters: needed for a cluster trial");
  }
  if (parsed.success && parsed.data.treatment.treated === parsed.data.treatment.comparison) {
    faults.push("treatment.comparison: must be another value than treated");
  }
  if (!parsed.success || faults.length > 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a valid study plan, got ${faults.length} fault(s): ${faults.join("; ")}`,
      {
        hint: "see docs/studies.md for an example",
        details: { faults },
      },
    );
  }
  return parsed.data;
}
