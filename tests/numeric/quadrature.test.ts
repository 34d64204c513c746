import fc from "fast-check";
import { expect, test } from "vitest";
import { gaussLegendre } from "../../src/numeric/quadrature.ts";

test("the rule is exact for every power up to 2n − 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32 }), (count) => {
      const { points, weights } = gaussLegendre(count);
      for (let power = 0; power < 2 * count; power++) {
        const sum = points.reduce((total, point, i) => total + weights[i]! * point ** power, 0);
        expect(Math.abs(sum - 1 / (power + 1))).toBeLessThan(1e-14);
      }
    }),
  );
});

test("points are inside the interval, upwards and symmetric; the rule of two is known in closed form", () => {
  const { points } = gaussLegendre(2);
  expect(points[0]).toBeCloseTo(0.5 - Math.sqrt(3) / 6, 15);
  const many = gaussLegendre(31).points;
  for (let i = 0; i < many.length; i++) {
    expect(many[i]! + many[many.length - 1 - i]!).toBeCloseTo(1, 15);
    if (i > 0) expect(many[i]!).toBeGreaterThan(many[i - 1]!);
  }
});
