import fc from "fast-check";
import { expect, test } from "vitest";
import { logit, sigmoid, softplus } from "../../src/numeric/log-odds.ts";

const logOdds = fc.double({ min: -700, max: 700, noNaN: true });

test("a probability and its log-odds are two names of one thing", () => {
  fc.assert(
    fc.property(fc.double({ min: -15, max: 15, noNaN: true }), (z) => {
      expect(logit(sigmoid(z))).toBeCloseTo(z, 8);
    }),
  );
  expect(sigmoid(0)).toBe(0.5);
  expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15);
});

test("the two outcomes share one certainty", () => {
  fc.assert(
    fc.property(logOdds, (z) => {
      expect(sigmoid(z) + sigmoid(-z)).toBeCloseTo(1, 14);
    }),
  );
});

test("nothing overflows", () => {
  expect([sigmoid(1e308), sigmoid(-1e308), softplus(-1e308)]).toEqual([1, 0, 0]);
  expect(softplus(1e308)).toBe(1e308);
  expect(sigmoid(-700)).toBeGreaterThan(0);
  expect([logit(0), logit(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test("softplus is the negative log of the other outcome's probability", () => {
  fc.assert(
    fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (z) => {
      expect(Math.abs(softplus(z) + Math.log(sigmoid(-z)))).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(z)));
    }),
  );
});
