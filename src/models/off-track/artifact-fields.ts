import { CairnError } from "../../errors.ts";
import type { Tensor, Tensors } from "../artifact.ts";

const RETRAIN = { hint: "train the model again" };

/** @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind */
export function requireKind(tensors: Tensors, kind: string): void {
  const { kind: found } = tensors.metadata;
  if (found !== kind)
    throw new CairnError("ARTIFACT_CORRUPT", `expected a model of kind ${kind}, got ${found ?? "none"}`, RETRAIN);
}

/**
 * A copy of a named array.
 * @param length - what it must have; any when left out
 * @throws CairnError `ARTIFACT_CORRUPT` when it is absent, of another type or another length
 */
export function requireArray<Kind extends Tensor>(
  tensors: Tensors,
  name: string,
  type: { new (values: ArrayLike<number>): Kind },
  length?: number,
): Kind {
  const found = tensors.arrays[name];
  if (!(found instanceof type) || (length !== undefined && found.length !== length)) {
    const expected = `${type.name}${length === undefined ? "" : ` of ${length}`}`;
    const got = found === undefined ? "nothing" : `${found.constructor.name} of ${found.length}`;
    throw new CairnError("ARTIFACT_CORRUPT", `expected an array "${name}" (${expected}), got ${got}`, RETRAIN);
  }
  return new type(found);
}

/**
 * A metadata entry that holds JSON.
 * @param valid - whether the value has the promised shape
 * @throws CairnError `ARTIFACT_CORRUPT` when it is absent, not JSON, or of another shape
 */
export function requireJson<Value>(tensors: Tensors, name: string, valid: (value: unknown) => value is Value): Value {
  let value: unknown;
  try {
    value = JSON.parse(tensors.metadata[name] ?? "");
  } catch {
    value = undefined;
  }
  if (!valid(value))
    throw new CairnError("ARTIFACT_CORRUPT", `expected metadata "${name}" as documented, got something else`, RETRAIN);
  return value;
}
