import type { Tensors } from "../../artifact.ts";
import type { FitContext, Parameters } from "../../estimator.ts";

/** The parameters of a recipe inside another one, under the name `model`. */
export function nestedParameters(kind: string, parameters: Parameters): Parameters {
  return {
    model: kind,
    ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`model.${name}`, value])),
  };
}

/**
 * The tensors of models inside another one: every name gets its part's name and a dot before it.
 * @param metadata - of the outer model, its kind among them
 */
export function nestTensors(metadata: Tensors["metadata"], parts: Readonly<Record<string, Tensors>>): Tensors {
  const named = <Value>(pick: (tensors: Tensors) => Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([part, tensors]) =>
        Object.entries(pick(tensors)).map(([name, value]) => [`${part}.${name}`, value]),
      ),
    );
  return { metadata: { ...metadata, ...named((tensors) => tensors.metadata) }, arrays: named(({ arrays }) => arrays) };
}

/** The tensors of one part, under their own names again. */
export function nestedTensors({ metadata, arrays }: Tensors, part: string): Tensors {
  const prefix = `${part}.`;
  const inside = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(record)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return { metadata: inside(metadata), arrays: inside(arrays) };
}

/** The context of one fit out of several: a random stream and a share of the progress of its own. */
export function nestedContext(
  { rng, signal, onProgress }: FitContext,
  name: string,
  index: number,
  of: number,
): FitContext {
  return {
    rng: rng.derive(name),
    ...(signal === undefined ? {} : { signal }),
    onProgress: (fraction) => onProgress?.(Math.min(1, (index + fraction) / of)),
  };
}
