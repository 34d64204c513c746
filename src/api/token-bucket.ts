/** Whether a request may pass, and what its sender should know. */
export interface Admission {
  readonly isAdmitted: boolean;
  /** Whole requests that could follow at once. */
  readonly remaining: number;
  /** Seconds until one more may pass; 0 when one may now. */
  readonly waitSeconds: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const MOST_BUCKETS = 10_000; // senders remembered: somebody who invents keys must not fill the memory

/**
 * Token buckets, one for each sender: `burst` tokens when full, refilled at `rate` per second, one for a request. In t seconds a
 * sender passes at most burst + rate · t times. Of more than 10,000 senders the one silent longest is forgotten, in her favour.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #rate: number;
  readonly #burst: number;

  /** @param rate - tokens per second, above 0; @param burst - tokens of a full bucket, at least 1 */
  constructor({ rate, burst }: { rate: number; burst: number }) {
    this.#rate = rate;
    this.#burst = burst;
  }

  /** Takes a token of a sender's bucket, where there is one. `seconds` is a clock that never goes back. */
  take(sender: string, seconds: number): Admission {
    const bucket = this.#buckets.get(sender) ?? { tokens: this.#burst, at: seconds };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + Math.max(0, seconds - bucket.at) * this.#rate);
    bucket.at = seconds;
    const isAdmitted = bucket.tokens >= 1;
    if (isAdmitted) bucket.tokens -= 1;
    // A Map keeps the order of insertion: set anew, the sender is the one heard last.
    this.#buckets.delete(sender);
    this.#buckets.set(sender, bucket);
    if (this.#buckets.size > MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return {
      isAdmitted,
      remaining: Math.floor(bucket.tokens),
      waitSeconds: Math.max(0, (1 - bucket.tokens) / this.#rate),
    };
  }
}
