/**
 * A number that may not exist: a metric of one class only, a mean of nothing. "Could not compute" is said with its reason
 * and never disguised as 0.5, 0 or 1.
 */
export type Measured =
  | { readonly status: "defined"; readonly value: number }
  | { readonly status: "undefined"; readonly reason: string };

/** A number that could be computed. */
export function defined(value: number): Measured {
  return { status: "defined", value };
}

/**
 * The statement that a number does not exist.
 * @param reason - a short clause for people, such as "all labels are 0"
 */
export function undefinedBecause(reason: string): { readonly status: "undefined"; readonly reason: string } {
  return { status: "undefined", reason };
}
