import { CairnError } from "../../../errors.ts";
import type { Inference } from "../regression/inference.ts";
import { type Arm, summarizeArm } from "../trial.ts";

/** What was assigned: learners, or the means of whole classes or schools. */
export interface AssignedUnits {
  /** Shape (units), finite. */
  readonly outcome: ArrayLike<number>;
  /** Shape (units): 1 treated, 0 compared. */
  readonly treatment: ArrayLike<number>;
  /** Shape (units): id of the block (school, cohort, pair) within which the lot was drawn. */
  readonly block: ArrayLike<number>;
}

/** A blocked difference, and how many blocks could not be used. */
export interface BlockedDifference extends Inference {
  readonly blocks: number;
  /** Blocks with one arm only: nothing can be compared in them, and they are left out. */
  readonly leftOut: number;
}

/** Outcomes of the two arms by block. */
interface Block {
  readonly compared: number[];
  readonly treated: number[];
}

/**
 * Effect of assignment within blocks. Blocks of two or more per arm: τ = Σ(n_b/N)τ_b, V = Σ(n_b/N)²(s₁²/n₁ + s₀²/n₀), N − 2B degrees of
 * freedom. Blocks that are all pairs (one unit per arm): the mean of the differences d, V = Σ(d − d̄)²/(J(J − 1)), J − 1 degrees.
 * @throws CairnError `BAD_INPUT` with no block of two arms, or a block with one unit in an arm that is not one of pairs only
 * @see Imbens and Rubin (2015), Causal Inference, chapters 9 and 10; handbook 2.2
 */
export function blockedDifference(units: AssignedUnits): BlockedDifference {
  const all = gather(units);
  const used = all.filter(({ treated, compared }) => treated.length > 0 && compared.length > 0);
  if (used.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a block with both arms, got none", {
      hint: "name the column within whose values the lot was drawn",
    });
  }
  const leftOut = all.length - used.length;
  const pairs = used.every(({ treated, compared }) => treated.length === 1 && compared.length === 1);
  return { ...(pairs ? pairedDifference(used) : strata(used)), blocks: used.length, leftOut };
}

function gather({ outcome, treatment, block }: AssignedUnits): Block[] {
  const blocks = new Map<number, Block>();
  for (let unit = 0; unit < outcome.length; unit++) {
    let own = blocks.get(block[unit]!);
    if (own === undefined) {
      own = { compared: [], treated: [] };
      blocks.set(block[unit]!, own);
    }
    (treatment[unit] === 1 ? own.treated : own.compared).push(outcome[unit]!);
  }
  return [...blocks.values()];
}

function pairedDifference(pairs: readonly Block[]): Inference {
  const { n, mean, squares } = summarizeArm(Float64Array.from(pairs, (pair) => pair.treated[0]! - pair.compared[0]!));
  if (n < 2) {
    throw new CairnError("BAD_INPUT", `expected two pairs or more, got ${n}`, { hint: "one pair has no spread" });
  }
  return { estimate: mean, se: Math.sqrt(squares / (n * (n - 1))), df: n - 1 };
}

function strata(blocks: readonly Block[]): Inference {
  const arms = blocks.map(({ treated, compared }): [Arm, Arm] => [
    summarizeArm(Float64Array.from(treated)),
    summarizeArm(Float64Array.from(compared)),
  ]);
  const total = arms.reduce((sum, [treated, compared]) => sum + treated.n + compared.n, 0);
  let estimate = 0;
  let variance = 0;
  for (const [treated, compared] of arms) {
    if (treated.n < 2 || compared.n < 2) {
      throw new CairnError(
        "BAD_INPUT",
        `expected two or more of each arm in every block, got a block of ${treated.n} treated and ${compared.n} compared`,
        { hint: "join small blocks, or use the estimator with block effects" },
      );
    }
    const share = (treated.n + compared.n) / total;
    estimate += share * (treated.mean - compared.mean);
    variance +=
      share ** 2 *
      (treated.squares / (treated.n * (treated.n - 1)) + compared.squares / (compared.n * (compared.n - 1)));
  }
  return { estimate, se: Math.sqrt(variance), df: total - 2 * blocks.length };
}

/** One value per cluster: its mean outcome, its arm and its block, in the order of first appearance. */
export function clusterMeans(
  outcome: ArrayLike<number>,
  treatment: ArrayLike<number>,
  cluster: ArrayLike<number>,
  block?: ArrayLike<number>,
): AssignedUnits {
  const sums = new Map<number, { sum: number; count: number; arm: number; block: number }>();
  for (let row = 0; row < outcome.length; row++) {
    const own = sums.get(cluster[row]!);
    if (own === undefined) {
      sums.set(cluster[row]!, { sum: outcome[row]!, count: 1, arm: treatment[row]!, block: block?.[row] ?? 0 });
      continue;
    }
    if (own.arm !== treatment[row] || own.block !== (block?.[row] ?? 0)) {
      throw new CairnError("BAD_INPUT", "expected every cluster wholly in one arm and one block, got one in two", {
        hint: "when learners were assigned within clusters, use the individual design with clusters as blocks",
      });
    }
    own.sum += outcome[row]!;
    own.count++;
  }
  const units = [...sums.values()];
  return {
    outcome: units.map(({ sum, count }) => sum / count),
    treatment: units.map(({ arm }) => arm),
    block: units.map((unit) => unit.block),
  };
}
