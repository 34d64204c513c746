/** A piece of work whose time is compared. */
export interface ComparedWork {
  /** The key of the timing both sides report. */
  readonly timing: string;
  /** How many times faster than the fastest peer cairn is to be: 1 is as fast, 0.67 within 1.5 times. */
  readonly goal: number;
}

/** One benchmark: the same data and the same work for cairn and for each peer. */
export interface BenchmarkCase {
  readonly name: string;
  /** What is done, with sizes. */
  readonly work: string;
  readonly compared: readonly ComparedWork[];
  /** Figures both sides report, to see that the work is the same. */
  readonly figures: readonly string[];
  /** Writes the data; returns why the case cannot run here, or nothing. */
  prepare(folder: string): Promise<string | undefined>;
  /** Module of cairn's side, in `benchmarks/cairn`. */
  readonly cairn: string;
  /** Script of each peer, in `benchmarks/peers`, and its packages where they are not those of `requirements.txt`. */
  readonly peers: Readonly<Record<string, { readonly script: string; readonly requirements?: string }>>;
  /** Counted runs of each side, after one to warm up; a case of a single run has no warm-up. */
  readonly runs: number;
}
