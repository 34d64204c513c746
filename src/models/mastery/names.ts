import { CairnError } from "../../errors.ts";
import type { Tensor, Tensors } from "../artifact.ts";

const RETRAIN = { hint: "train the model again" };

/** Names as bytes of JSON, for an artifact. */
export function encodeNames(names: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(names));
}

/**
 * The way back from {@link encodeNames}.
 * @throws CairnError `ARTIFACT_CORRUPT`
 */
export function decodeNames(tensors: Tensors, name: string): readonly string[] {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(requireTensor(tensors, name, Uint8Array)));
    if (Array.isArray(names) && names.every((entry) => typeof entry === "string")) return names;
  } catch (error) {
    if (error instanceof CairnError) throw error;
  }
  throw new CairnError("ARTIFACT_CORRUPT", `expected a list of names in "${name}", got something else`, RETRAIN);
}

/**
 * A copy of a named array.
 * @param length - what it must have; any when left out
 * @throws CairnError `ARTIFACT_CORRUPT` when it is absent, of another type or another length
 */
export function requireTensor<Kind extends Tensor>(
  { arrays }: Tensors,
  name: string,
  type: { new (values: ArrayLike<number>): Kind },
  length?: number,
): Kind {
  const found = arrays[name];
  if (!(found instanceof type) || (length !== undefined && found.length !== length)) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      `expected an array "${name}" of ${length ?? "some"} cells, got another`,
      RETRAIN,
    );
  }
  return new type(found);
}

/** @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind */
export function requireArtifactKind({ metadata }: Tensors, kind: string): void {
  if (metadata.kind !== kind) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      `expected an artifact of ${kind}, got one of ${metadata.kind ?? "none"}`,
      RETRAIN,
    );
  }
}

/** For each of the asked names its position among the known ones, or −1. */
export function positionsOf(asked: readonly string[], known: readonly string[]): Int32Array {
  const positions = new Map(known.map((name, position) => [name, position]));
  return Int32Array.from(asked, (name) => positions.get(name) ?? -1);
}
