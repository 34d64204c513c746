import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  logGamma,
  normalCumulative,
  normalTwoSidedQuantile,
  regularizedIncompleteBeta,
  studentTwoSided,
  studentTwoSidedQuantile,
} from "../../src/numeric/distributions.ts";
import { codeOf } from "../contracts/estimator-contract.ts";

// mpmath's values; see tests/golden/study/generate.py
const golden = JSON.parse(readFileSync(new URL("../golden/study/study.json", import.meta.url), "utf8")) as {
  distributions: Record<string, number[][]>;
};

const functions: Readonly<Record<string, (...args: number[]) => number>> = {
  studentTwoSided,
  studentTwoSidedQuantile,
  regularizedIncompleteBeta,
  normalCumulative,
  normalTwoSidedQuantile,
  logGamma,
};

for (const [name, evaluate] of Object.entries(functions)) {
  test(`${name} agrees with fifty-digit arithmetic to 1e-11 relative`, () => {
    for (const row of golden.distributions[name]!) {
      const expected = row.at(-1)!;
      const error = Math.abs(evaluate(...row.slice(0, -1)) - expected);
      expect(error, `${name}(${row.slice(0, -1)})`).toBeLessThanOrEqual(1e-11 * Math.abs(expected));
    }
  });
}

test("quantile and tail are each other's inverse for any degrees of freedom", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.3, max: 1e5, noNaN: true }),
      fc.double({ min: 1e-8, max: 0.999, noNaN: true }),
      (df, p) => {
        expect(studentTwoSided(studentTwoSidedQuantile(p, df), df) / p).toBeCloseTo(1, 9);
      },
    ),
  );
});

test("the incomplete beta function is symmetric: I_x(a, b) = 1 − I_{1−x}(b, a)", () => {
  const shape = fc.double({ min: 0.1, max: 500, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1024 }), shape, shape, (numerator, a, b) => {
      const x = numerator / 1024; // 1 − x is exact
      expect(regularizedIncompleteBeta(x, a, b) + regularizedIncompleteBeta(1 - x, b, a)).toBeCloseTo(1, 11);
    }),
  );
});

test("arguments out of range are refused", () => {
  expect(codeOf(() => studentTwoSided(1, 0))).toBe("BAD_INPUT");
  expect(codeOf(() => studentTwoSidedQuantile(0, 3))).toBe("BAD_INPUT");
  expect(codeOf(() => studentTwoSidedQuantile(0.05, Number.NaN))).toBe("BAD_INPUT");
  expect(codeOf(() => normalTwoSidedQuantile(1))).toBe("BAD_INPUT");
  expect(codeOf(() => regularizedIncompleteBeta(1.1, 1, 1))).toBe("BAD_INPUT");
});
