import type { Random } from "../random.ts";
import type { PackedBatch } from "./packed-batch.ts";
import type { MatrixProducts } from "./products.ts";
import type { LabelledSequences } from "./sequences.ts";
import type { NetworkShape, NetworkWeights } from "./shape.ts";

/** One window of one batch: what it reads, and what its slopes are added to. */
export interface GradientTask {
  readonly shape: NetworkShape;
  readonly weights: NetworkWeights;
  readonly data: LabelledSequences;
  readonly batch: PackedBatch;
  /** Shape (batch.sequences × hidden): the states before the window, taken as given. */
  readonly states: Float32Array;
  /** Share of the state's units left out of each answer, in [0, 1), and what draws them; no dropout without it. */
  readonly dropout?: { readonly share: number; readonly rng: Random };
  readonly products: MatrixProducts;
  /** Added to: the slope of the summed loss; same shapes as the weights. */
  readonly gradient: NetworkWeights;
  /** Told the table rows that slopes were added to (a row may come more than once). */
  readonly onTableRow: (table: number, row: number) => void;
}
