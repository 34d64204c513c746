import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/numeric/random.ts";

test("the same seed gives the same stream, another seed another one", () => {
  const draw = (seed: string | number) =>
    Array.from(
      { length: 5 },
      (
        (stream) => () =>
          stream.next()
      )(random(seed)),
    );
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).toEqual(draw("7"));
  expect(draw(7)).not.toEqual(draw(8));
});

test("a derived stream does not depend on how far its parent has run", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(50), fc.string(), (seed, steps, label) => {
      const fresh = random(seed).derive(label).next();
      const used = random(seed);
      for (let i = 0; i < steps; i++) used.next();
      expect(used.derive(label).next()).toBe(fresh);
    }),
  );
});

test("uniform and normal draws have the moments they should", () => {
  const stream = random("moments");
  const n = 200_000;
  let uniform = 0;
  let mean = 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    const u = stream.next();
    expect(u >= 0 && u < 1).toBe(true);
    uniform += u / n;
    const z = stream.normal();
    mean += z / n;
    square += (z * z) / n;
  }
  // Five standard errors: 0.289/√n, 1/√n, √2/√n.
  expect(Math.abs(uniform - 0.5)).toBeLessThan(5 * 0.00065);
  expect(Math.abs(mean)).toBeLessThan(5 * 0.0023);
  expect(Math.abs(square - 1)).toBeLessThan(5 * 0.0032);
});

test("integers cover their range evenly", () => {
  const stream = random("dice");
  const counts = new Int32Array(6);
  for (let i = 0; i < 60_000; i++) counts[stream.integer(6)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 91); // √(n·1/6·5/6) = 91
});

test("the stream is xoshiro128++ as published, on every machine", () => {
  // From an independent implementation in Python (tests/golden/random/generate.py), checked against the reference words 641, 1573767, 3222811527 of state 1, 2, 3, 4.
  const draws = (rng: ReturnType<typeof random>): number[] => [rng.next(), rng.next(), rng.next()];
  expect(draws(random("cairn"))).toEqual([0.17372638041881883, 0.14647424506672702, 0.9155137750544105]);
  expect(draws(random(1).derive("learner"))).toEqual([0.34395133327952043, 0.5503676312831652, 0.557465797302514]);
});

test("a hundred thousand learners have as many streams, and nesting is not spelling", () => {
  const root = random("district");
  const first = new Set<number>();
  for (let learner = 0; learner < 100_000; learner++) first.add(root.derive(learner).next());
  expect(first.size).toBe(100_000);
  expect(random(1).derive("a").derive("b").next()).not.toBe(random(1).derive("a/b").next());
});
