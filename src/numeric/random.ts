/**
 * A seeded stream of random numbers (xoshiro128++, Blackman and Vigna 2019, doi 10.1145/3460772; seeded by four
 * FNV-1a hashes of the seed). `derive` gives an independent stream of its own for a label, so that what one learner
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
    // The length keeps derive("a").derive("b") apart from derive("a/b").
    derive: (label) => stream(`${seed}/${String(label).length}:${label}`),
  };
}

// Four hashes that start apart, so that all 128 bits of the state depend on the whole seed: with one 32-bit hash a hundred
// pairs among a million derived streams would be the same stream.
const FNV_OFFSETS = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35] as const;
const FNV_PRIME = 0x01000193;

function seedState(seed: string): Uint32Array {
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    let hash: number = FNV_OFFSETS[word]!;
    for (let i = 0; i < seed.length; i++) {
      hash = Math.imul(hash ^ seed.charCodeAt(i), FNV_PRIME);
      hash ^= hash >>> 15; // plain FNV is linear in its start: without this the four words would move together
    }
    let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b); // MurmurHash3's finalizer
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    state[word] = mixed ^ (mixed >>> 16);
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
