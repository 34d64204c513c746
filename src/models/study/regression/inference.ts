/** An estimate with what a t distribution needs. */
export interface Inference {
  readonly estimate: number;
  readonly se: number;
  /** Degrees of freedom of the reference t distribution; ∞ for the normal. */
  readonly df: number;
}
