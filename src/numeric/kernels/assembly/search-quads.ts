// One part of the work on a node: some quads of features, from sums to the best split. All pointers are byte addresses.
import { findBestSplit } from "./best-split";
import { buildHistograms, subtractHistograms } from "./histogram";

const SETTINGS_BYTES: usize = 8 * 8;
const FOUND_BYTES: usize = 10 * 8;
const SEARCH_OWN = 1;
const SUBTRACT = 2;
const SEARCH_REST = 4;

/**
 * Builds the histograms of a node's quads, takes them from its parent's, and searches what is asked for. Quads do not touch
 * each other, so they can be worked on at once, in any portions.
 * @param wanted - 1: search the node; 2: turn `rest` from the parent's into the sibling's; 4: search the sibling
 * @param settings - of the node, then of the sibling (see {@link findBestSplit})
 * @param found - of the node, then of the sibling
 * @param room - see {@link buildHistograms}
 */
export function searchQuads(
  bins: usize,
  rows: i32,
  width: i32,
  chosen: usize,
  count: i32,
  cells: usize,
  firstQuad: i32,
  lastQuad: i32,
  own: usize,
  rest: usize,
  features: usize,
  featureCount: i32,
  wanted: i32,
  settings: usize,
  found: usize,
  room: usize,
): void {
  buildHistograms(bins, rows, width, chosen, count, cells, firstQuad, lastQuad, own, room);
  const first = firstQuad << 2;
  const last = min(lastQuad << 2, featureCount);
  if (wanted & SEARCH_OWN) findBestSplit(own, features, first, last, settings, found);
  if (wanted & SUBTRACT) subtractHistograms(rest, own, firstQuad, lastQuad);
  if (wanted & SEARCH_REST) findBestSplit(rest, features, first, last, settings + SETTINGS_BYTES, found + FOUND_BYTES);
}
