// Sorting a column and placing its cells in bins. All pointers are byte addresses.

const DIGITS: usize = 6;
const DIGIT_BITS = 11;
const BUCKETS: usize = 1 << DIGIT_BITS;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
const SIGN: u64 = 1 << 63;
const MISSING: u8 = 255;

/**
 * Sorts doubles (no NaN) upwards in place: a radix sort of their bits, whose time depends on nothing but their number.
 * @param scratch - room for as many doubles
 * @param counts - room for 6 × 2048 i32
 */
export function sortDoubles(values: usize, count: i32, scratch: usize, counts: usize): void {
  const size: usize = count;
  memory.fill(counts, 0, DIGITS * BUCKETS * 4);
  for (let i: usize = 0; i < size; i++) {
    const bits = load<u64>(values + (i << 3));
    const key = bits & SIGN ? ~bits : bits | SIGN; // negative numbers come first, the largest of them lowest
    store<u64>(values + (i << 3), key);
    for (let digit: usize = 0; digit < DIGITS; digit++) {
      const bucket = counts + (digit * BUCKETS + <usize>((key >> (digit * DIGIT_BITS)) & DIGIT_MASK)) * 4;
      store<i32>(bucket, load<i32>(bucket) + 1);
    }
  }
  let from = values;
  let to = scratch;
  for (let digit: usize = 0; digit < DIGITS; digit++) {
    const buckets = counts + digit * BUCKETS * 4;
    const shift = <u64>(digit * DIGIT_BITS);
    const first = buckets + <usize>((load<u64>(from) >> shift) & DIGIT_MASK) * 4;
    if (size == 0 || load<i32>(first) == count) continue; // all have the same digit here
    let start = 0;
    for (let bucket: usize = 0; bucket < BUCKETS; bucket++) {
      const here = load<i32>(buckets + bucket * 4);
      store<i32>(buckets + bucket * 4, start);
      start += here;
    }
    for (let i: usize = 0; i < size; i++) {
      const key = load<u64>(from + (i << 3));
      const bucket = buckets + <usize>((key >> shift) & DIGIT_MASK) * 4;
      const place = load<i32>(bucket);
      store<u64>(to + (<usize>place << 3), key);
      store<i32>(bucket, place + 1);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  for (let i: usize = 0; i < size; i++) {
    const key = load<u64>(from + (i << 3));
    store<u64>(values + (i << 3), key & SIGN ? key ^ SIGN : ~key);
  }
}

/**
 * Writes each value's bin, the number of thresholds below it, or 255 for NaN.
 * @param thresholds - 255 doubles upwards, filled up with +∞
 */
export function writeBins(values: usize, count: i32, thresholds: usize, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const value = load<f64>(values + (i << 3));
    let bin: usize = 0;
    for (let step: usize = 128; step > 0; step >>= 1) {
      bin += value > load<f64>(thresholds + ((bin + step - 1) << 3)) ? step : 0;
    }
    store<u8>(bins + i, value == value ? <u8>bin : MISSING);
  }
}
