/**
 * A seeded stream of random numbers (xoshiro128++, Blackman and Vigna 2019, doi 10.1145/3460772; seeded by SplitMix32
 * over an FNV-1a hash of the seed). `derive` gives an independent stream of its own for a label, so that what one learner
 * draws never depends on how many others were served before.
 */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** A stream that depends only on this stream's seed and the label, not on its position. */
  derive(label: string | number): Random;
}

/** A {@link Random} stream of the given seed; equal seeds give equal streams on every machine. */
export function random(seed: string | number): Random {
  return stream(String(seed));
}

function stream(seed: string): Random {
  const state = seedState(seed);
  let spare = Number.NaN;
  const bits = (): number => step(state);
  const next = (): number => ((bits() >>> 5) * 0x4000000 + (bits() >>> 6)) / 0x20000000000000;
  return {
    next,
    integer: (bound) => Math.floor(next() * bound),
    normal() {
      if (!Number.isNaN(spare)) {
        const value = spare;
        spare = Number.NaN;
        return value;
      }
      let u = 0;
      let v = 0;
      let square = 0;
      do {
        u = 2 * next() - 1;
        v = 2 * next() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square === 0);
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * scale;
      return u * scale;
    },
    derive: (label) => stream(`${seed}/${label}`),
  };
}

function seedState(seed: string): Uint32Array {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    state[i] = z ^ (z >>> 16);
  }
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

function step(state: Uint32Array): number {
  const sum = (state[0]! + state[3]!) | 0;
  const result = ((((sum << 7) | (sum >>> 25)) + state[0]!) | 0) >>> 0;
  const shifted = state[1]! << 9;
  state[2]! ^= state[0]!;
  state[3]! ^= state[1]!;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= shifted;
  state[3] = (state[3]! << 11) | (state[3]! >>> 21);
  return result;
}
