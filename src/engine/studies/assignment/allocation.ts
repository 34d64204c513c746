import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CairnError } from "../../../errors.ts";
import { canonical } from "../lock.ts";

const specificationShape = z.strictObject({
  method: z.enum(["complete", "stratified", "minimised"]),
  unit: z.string().min(1).describe("The column of what is assigned: a learner's id, or a school's"),
  clusters: z.boolean().describe("Whether a unit is many rows, assigned as a whole"),
  factors: z.array(z.string().min(1)).describe("Columns that strata are crossed of, or whose values are kept even"),
  share: z.number().gt(0).lt(1),
});

/** How a lot is drawn. */
export type LotSpecification = z.infer<typeof specificationShape>;

const allocationShape = z.strictObject({
  format: z.literal("cairn-study-allocation/1"),
  specification: specificationShape,
  seed: z.string().min(1),
  at: z.iso.datetime(),
  units: z.array(z.strictObject({ unit: z.string(), arm: z.enum(["treatment", "comparison"]) })),
});

/** Who drew which arm, and the seed that says so again. Keep it from those who enrol learners until all are enrolled. */
export type Allocation = z.infer<typeof allocationShape>;

const commitmentShape = z.strictObject({
  format: z.literal("cairn-study-commitment/1"),
  specification: specificationShape,
  at: z.iso.datetime(),
  treatment: z.int(),
  comparison: z.int(),
  hash: z.string(),
});

/** What may be published at once: it fixes the allocation without telling anybody's arm. */
export type Commitment = z.infer<typeof commitmentShape>;

/** The commitment of an allocation. Its seed is part of the hash, so that few units cannot be guessed from it. */
export function commitmentOf(allocation: Allocation): Commitment {
  const { specification, at, units } = allocation;
  const treatment = units.filter(({ arm }) => arm === "treatment").length;
  const hash = createHash("sha256").update(canonical(allocation)).digest("hex");
  const comparison = units.length - treatment;
  return { format: "cairn-study-commitment/1", specification, at, treatment, comparison, hash };
}

/**
 * Reads an allocation.
 * @throws CairnError `UNREADABLE_FILE`
 */
export function readAllocation(path: string): Promise<Allocation> {
  return read(path, allocationShape, "an allocation");
}

/**
 * Reads a commitment.
 * @throws CairnError `UNREADABLE_FILE`
 */
export function readCommitment(path: string): Promise<Commitment> {
  return read(path, commitmentShape, "the commitment of an allocation");
}

async function read<T>(path: string, shape: z.ZodType<T>, what: string): Promise<T> {
  try {
    return shape.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected ${what} at ${path}, got something else`, {
      hint: "make one with `cairn study assign`",
      cause,
    });
  }
}
