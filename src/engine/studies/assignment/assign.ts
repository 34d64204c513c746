import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../../errors.ts";
import { drawLots, minimize } from "../../../models/study/assignment/draw-lots.ts";
import { random } from "../../../numeric/random.ts";
import { type Columns, readColumns } from "../columns.ts";
import {
  type Allocation,
  type Commitment,
  commitmentOf,
  type LotSpecification,
  readAllocation,
  readCommitment,
} from "./allocation.ts";

/** Where an allocation was written, and what may be told of it. */
export interface WrittenAllocation {
  /** Private: who drew which arm. */
  readonly allocation: string;
  /** Public: what fixes it. */
  readonly commitment: string;
  readonly fixed: Commitment;
}

/**
 * Draws a lot: the same units, specification and seed give the same arms, whatever the order of the rows.
 * @param data - CSV with a header: one row per unit, or many of a cluster, before the start
 * @param at - now
 * @param seed - default 32 bytes from the operating system: nobody can foresee an arm
 * @throws CairnError `BAD_INPUT` with the line of a row without a unit or a factor, of a unit that is there twice, or of a cluster whose
 * rows differ in a factor; `UNREADABLE_FILE`
 */
export async function assignUnits(
  data: string,
  specification: LotSpecification,
  at: Date,
  seed: string = randomBytes(32).toString("hex"),
): Promise<Allocation> {
  const columns = await readColumns(data, [specification.unit, ...specification.factors]);
  const { units, factors } = unitsOf(columns, specification);
  const rng = random(seed);
  const arms =
    specification.method === "minimised"
      ? minimize(factors, units.length, specification.share, rng)
      : drawLots(crossed(factors, units.length), specification.share, rng);
  return {
    format: "cairn-study-allocation/1",
    specification,
    seed,
    at: at.toISOString(),
    units: units.map((unit, i) => ({ unit, arm: arms[i] === 1 ? "treatment" : "comparison" })),
  };
}

/** Writes an allocation (allocation.json, for its owner alone) and its commitment (commitment.json). */
export async function writeAllocation(allocation: Allocation, folder: string): Promise<WrittenAllocation> {
  await mkdir(folder, { recursive: true });
  const fixed = commitmentOf(allocation);
  const written = { allocation: join(folder, "allocation.json"), commitment: join(folder, "commitment.json"), fixed };
  try {
    // An allocation that is there was drawn: drawing until one is liked is no lot.
    await writeFile(written.allocation, `${JSON.stringify(allocation, null, 1)}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new CairnError("CONFLICT", "expected a folder without an allocation, got one that has been drawn", {
      hint: "keep what was drawn; a new study takes a new folder",
      cause,
    });
  }
  await writeFile(written.commitment, `${JSON.stringify(fixed, null, 2)}\n`);
  return written;
}

/**
 * Checks that an allocation is the one that was committed to, and that its seed gives it again from the units.
 * @param data - the file it was drawn from
 * @throws CairnError `ARTIFACT_CORRUPT` when either is not so; `UNREADABLE_FILE`
 */
export async function checkAllocation(allocation: string, commitment: string, data: string): Promise<Commitment> {
  const [told, fixed] = [await readAllocation(allocation), await readCommitment(commitment)];
  if (commitmentOf(told).hash !== fixed.hash) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected the allocation that was committed to, got another", {
      hint: "an arm, a unit or the seed was changed after the lot was drawn",
    });
  }
  const again = await assignUnits(data, told.specification, new Date(told.at), told.seed);
  if (commitmentOf(again).hash !== fixed.hash) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected the seed to give this allocation again, got another", {
      hint: "compare the units: the lot was drawn from another list, or not by its seed",
    });
  }
  return fixed;
}

/** Units in the order of their names, and their factors as codes in the order of their values: the order of rows plays no part. */
function unitsOf(
  columns: Columns,
  { unit: column, clusters, factors }: LotSpecification,
): { readonly units: string[]; readonly factors: Int32Array[] } {
  const first = new Map<string, number>();
  const cells = factors.map((factor) => columns.text(factor));
  columns.text(column).forEach((unit, row) => {
    if (unit === null) throw badRow(`a value of "${column}"`, "an empty cell", row);
    const before = first.get(unit);
    if (before === undefined) {
      first.set(unit, row);
      factors.forEach((factor, k) => {
        if (cells[k]![row] === null) throw badRow(`a value of "${factor}"`, "an empty cell", row);
      });
    } else if (!clusters) throw badRow("every unit once", "one for the second time", row);
    else if (cells.some((values) => values[row] !== values[before])) {
      throw badRow("one value of each factor per cluster", "another one", row);
    }
  });
  const units = [...first.keys()].sort();
  const coded = cells.map((values) => {
    const codes = new Map([...new Set(values)].sort().map((value, code) => [value, code]));
    return Int32Array.from(units, (unit) => codes.get(values[first.get(unit)!]!)!);
  });
  return { units, factors: coded };
}

function badRow(expected: string, got: string, row: number): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected}, got ${got} in line ${row + 2}`, {
    hint: "a lot needs a clean list: correct the line and draw again",
  });
}

/** One code per combination of the factors' values. */
function crossed(factors: readonly Int32Array[], units: number): Int32Array {
  const seen = new Map<string, number>();
  return Int32Array.from({ length: units }, (_, unit) => {
    const key = factors.map((codes) => codes[unit]).join(" ");
    const code = seen.get(key) ?? seen.size;
    seen.set(key, code);
    return code;
  });
}
