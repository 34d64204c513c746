import { CairnError } from "../../../errors.ts";
import type { TrackerState } from "./tracker.ts";

const FORMAT = 1;
const HEADER_BYTES = 24; // format, numbers about the learner, numbers per standard, standards (4 × 4 bytes), latest (8)

/** How many numbers a tracker keeps. */
export interface StateShape {
  /** About the learner as a whole. */
  readonly whole: number;
  /** Per observed standard. */
  readonly perStandard: number;
}

/** A state as bytes, little-endian, standards in ascending order: equal states give equal bytes. */
export function storeTrackerState(state: TrackerState, { whole, perStandard }: StateShape): Uint8Array {
  const standards = [...state.standards.keys()].sort((a, b) => a - b);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * whole + standards.length * (4 + 8 * perStandard));
  const view = new DataView(bytes.buffer);
  for (const [position, value] of [FORMAT, whole, perStandard, standards.length].entries())
    view.setUint32(4 * position, value, true);
  view.setFloat64(16, state.latest, true);
  let offset = HEADER_BYTES;
  const put = (value: number): void => {
    view.setFloat64(offset, value, true);
    offset += 8;
  };
  state.whole.forEach(put);
  for (const standard of standards) {
    view.setUint32(offset, standard, true);
    offset += 4;
    state.standards.get(standard)!.forEach(put);
  }
  return bytes;
}

/**
 * The way back from {@link storeTrackerState}.
 * @param standards - how many the tracker has
 * @throws CairnError `ARTIFACT_CORRUPT` when the bytes are of another tracker or another format
 */
export function restoreTrackerState(stored: Uint8Array, shape: StateShape, standards: number): TrackerState {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const { whole, perStandard } = shape;
  const header = stored.byteLength >= HEADER_BYTES ? [0, 4, 8, 12].map((at) => view.getUint32(at, true)) : [];
  const count = header[3] ?? 0;
  const length = HEADER_BYTES + 8 * whole + count * (4 + 8 * perStandard);
  if (header[0] !== FORMAT || header[1] !== whole || header[2] !== perStandard || stored.byteLength !== length)
    throw foreign();
  let offset = HEADER_BYTES;
  const take = (): number => {
    offset += 8;
    return view.getFloat64(offset - 8, true);
  };
  const state: TrackerState = {
    latest: view.getFloat64(16, true),
    whole: Float64Array.from({ length: whole }, take),
    standards: new Map(),
  };
  for (let i = 0; i < count; i++) {
    const standard = view.getUint32(offset, true);
    offset += 4;
    if (standard >= standards || state.standards.has(standard)) throw foreign();
    state.standards.set(standard, Float64Array.from({ length: perStandard }, take));
  }
  return state;
}

function foreign(): CairnError {
  return new CairnError("ARTIFACT_CORRUPT", "expected a state this tracker stored, got other bytes", {
    hint: "replay the learner's observations",
  });
}
