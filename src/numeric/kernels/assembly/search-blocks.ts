// One part of the work on a node: some blocks of features, from sums to the best split. All pointers are byte addresses.
import { findBestSplit } from "./best-split";
import { buildHistograms, subtractHistograms } from "./histogram";

const SETTINGS_BYTES: usize = 8 * 8;
const FOUND_BYTES: usize = 10 * 8;
const SEARCH_OWN = 1;
const SUBTRACT = 2;
const SEARCH_REST = 4;

/**
 * Builds the histograms of a node's blocks, takes them from its parent's, and searches what is asked for. Blocks do not touch
 * each other, so they can be worked on at once, in any portions.
 * @param wanted - 1: search the node; 2: turn `rest` from the parent's into the sibling's; 4: search the sibling
 * @param settings - of the node, then of the sibling (see {@link findBestSplit})
 * @param found - of the node, then of the sibling
 */
export function searchBlocks(
  bins: usize,
  rows: i32,
  chosen: usize,
  count: i32,
  cells: usize,
  firstBlock: i32,
  lastBlock: i32,
  own: usize,
  rest: usize,
  features: usize,
  featureCount: i32,
  wanted: i32,
  settings: usize,
  found: usize,
): void {
  buildHistograms(bins, rows, chosen, count, cells, firstBlock, lastBlock, own);
  const first = firstBlock << 2;
  const last = min(lastBlock << 2, featureCount);
  if (wanted & SEARCH_OWN) findBestSplit(own, features, first, last, settings, found);
  if (wanted & SUBTRACT) subtractHistograms(rest, own, firstBlock, lastBlock);
  if (wanted & SEARCH_REST) findBestSplit(rest, features, first, last, settings + SETTINGS_BYTES, found + FOUND_BYTES);
}
