import type { Random } from "../../../numeric/random.ts";
import type { AssignedUnits } from "./blocks.ts";

/** The p-values of a randomisation test and what they rest on. */
export interface RandomizationTest {
  /** Difference of means, weighted by block size when there are blocks. */
  readonly observed: number;
  /** Share of assignments with a difference at least as large in size. */
  readonly twoSided: number;
  /** Share with a difference at least as large. */
  readonly oneSided: number;
  /** Assignments looked at: all there are, or as many as were drawn. */
  readonly assignments: number;
  /** Whether every assignment that the lot could have drawn was looked at. */
  readonly exact: boolean;
}

const ENUMERATED = 50_000; // as many assignments as can be looked at while one waits
const TIE = 1e-9; // differences closer than this share of the observed one are the same difference, summed in another order

/**
 * Fisher's test of no effect on anybody: the units' outcomes stay, the lot is drawn anew as it was drawn, within blocks with the same
 * number treated. All assignments when there are at most 50,000, else `draws` of them, the observed one counted among them.
 * @param units - what was assigned: learners, or cluster means
 * @param draws - how many assignments to draw when there are too many to enumerate; default 9,999
 * @see Imbens and Rubin (2015), Causal Inference, chapter 5
 */
export function randomizationTest(units: AssignedUnits, rng: Random, draws = 9999): RandomizationTest {
  const blocks = blocksOf(units);
  const observed = difference(blocks);
  const reached = [0, 0]; // two-sided, one-sided
  const count = (value: number): void => {
    if (Math.abs(value) >= Math.abs(observed) * (1 - TIE)) reached[0]!++;
    if (value >= observed - Math.abs(observed) * TIE) reached[1]!++;
  };
  const assignments = blocks.reduce((product, { values, treated }) => product * choose(values.length, treated), 1);
  if (assignments <= ENUMERATED) {
    enumerate(blocks, 0, 0, count);
    return {
      observed,
      twoSided: reached[0]! / assignments,
      oneSided: reached[1]! / assignments,
      assignments,
      exact: true,
    };
  }
  for (let draw = 0; draw < draws; draw++) {
    for (const { values } of blocks) shuffle(values, rng);
    count(difference(blocks));
  }
  const [twoSided, oneSided] = [(reached[0]! + 1) / (draws + 1), (reached[1]! + 1) / (draws + 1)];
  return { observed, twoSided, oneSided, assignments: draws, exact: false };
}

/** Outcomes of one block, the treated first, and its share of the sample. */
interface Block {
  readonly values: number[];
  readonly treated: number;
  readonly share: number;
}

function blocksOf({ outcome, treatment, block }: AssignedUnits): Block[] {
  const byBlock = new Map<number, [number[], number[]]>();
  for (let unit = 0; unit < outcome.length; unit++) {
    const own = byBlock.get(block[unit]!) ?? [[], []];
    byBlock.set(block[unit]!, own);
    own[treatment[unit] === 1 ? 0 : 1].push(outcome[unit]!);
  }
  const used = [...byBlock.values()].filter(([treated, compared]) => treated.length > 0 && compared.length > 0);
  const total = used.reduce((sum, [treated, compared]) => sum + treated.length + compared.length, 0);
  return used.map(([treated, compared]) => ({
    values: [...treated, ...compared],
    treated: treated.length,
    share: (treated.length + compared.length) / total,
  }));
}

function difference(blocks: readonly Block[]): number {
  let sum = 0;
  for (const block of blocks) {
    let treated = 0;
    let all = 0;
    for (let i = 0; i < block.values.length; i++) {
      all += block.values[i]!;
      if (i < block.treated) treated += block.values[i]!;
    }
    sum += contribution(block, treated, all);
  }
  return sum;
}

function contribution({ values, treated: n, share }: Block, treated: number, all: number): number {
  return share * (treated / n - (all - treated) / (values.length - n));
}

/** Every choice of the treated, block after block. */
function enumerate(blocks: readonly Block[], at: number, sum: number, count: (difference: number) => void): void {
  const block = blocks[at];
  if (block === undefined) {
    count(sum);
    return;
  }
  const all = block.values.reduce((total, value) => total + value, 0);
  const choices = (from: number, left: number, treated: number): void => {
    if (left === 0) {
      enumerate(blocks, at + 1, sum + contribution(block, treated, all), count);
      return;
    }
    for (let i = from; i <= block.values.length - left; i++) choices(i + 1, left - 1, treated + block.values[i]!);
  };
  choices(0, block.treated, 0);
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}

function shuffle(values: number[], rng: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const other = rng.integer(i + 1);
    const kept = values[i]!;
    values[i] = values[other]!;
    values[other] = kept;
  }
}
