import fc from "fast-check";
import { expect, test } from "vitest";
import { drawLots, minimize } from "../../../src/models/study/assignment/draw-lots.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

test("every stratum and the whole are within one of the planned count, and the seed decides all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 60 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.string(),
      (stratum, share, seed) => {
        const arms = drawLots(stratum, share, random(seed));
        expect(drawLots(stratum, share, random(seed))).toEqual(arms);
        expect(Math.abs(sum(arms) - share * stratum.length)).toBeLessThan(1 + 1e-9);
        for (const code of new Set(stratum)) {
          const own = arms.filter((_, unit) => stratum[unit] === code);
          expect(Math.abs(sum(own) - share * own.length)).toBeLessThan(1 + 1e-9);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("every unit has the planned chance, and every pair of a stratum is drawn as often as another", () => {
  const stratum = [0, 0, 0, 1, 1, 1, 1]; // three and four at .4: neither is a whole number
  const rng = random("chances");
  const times = new Float64Array(7);
  const DRAWS = 20_000;
  for (let draw = 0; draw < DRAWS; draw++) {
    drawLots(stratum, 0.4, rng).forEach((arm, unit) => {
      times[unit]! += arm;
    });
  }
  // Four standard errors of a share of .4 in 20,000 draws are .014.
  for (const count of times) expect(Math.abs(count / DRAWS - 0.4)).toBeLessThan(0.014);
});

test("minimisation keeps every factor more even than a lot does, at the planned share", () => {
  const factors = [3, 4, 2].map((values, k) =>
    Int32Array.from({ length: 60 }, (_, unit) => Math.floor((unit * (k + 2)) / 7) % values),
  );
  const uneven = (arms: Uint8Array): number =>
    sum(
      factors.flatMap((factor) =>
        [...new Set(factor)].map((value) => {
          const own = arms.filter((_, unit) => factor[unit] === value);
          return Math.abs(sum(own) - own.length / 2);
        }),
      ),
    );
  let [minimised, drawn, treated] = [0, 0, 0];
  for (let seed = 0; seed < 200; seed++) {
    minimised += uneven(minimize(factors, 60, 0.5, random(seed)));
    drawn += uneven(drawLots(new Int32Array(60), 0.5, random(seed)));
    treated += sum(minimize(factors, 60, 0.3, random(seed)));
  }
  expect(minimised).toBeLessThan(0.7 * drawn);
  expect(Math.abs(treated / (200 * 60) - 0.3)).toBeLessThan(0.02);
});

test("a share outside (0, 1), a lone unit and a foreseeable arm are refused", () => {
  const rng = random(1);
  expect(codeOf(() => drawLots([0, 0], 1, rng))).toBe("BAD_INPUT");
  expect(codeOf(() => drawLots([0], 0.5, rng))).toBe("BAD_INPUT");
  expect(codeOf(() => minimize([], 4, 0.5, rng, 1))).toBe("BAD_INPUT");
});
