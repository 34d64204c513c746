import { describe, expect, test } from "vitest";
import { CairnError, type ErrorCode } from "../../src/errors.ts";
import { decodeArtifact, encodeArtifact } from "../../src/models/artifact.ts";
import type { Estimator, FitContext, FittedModel } from "../../src/models/estimator.ts";
import { random } from "../../src/numeric/random.ts";

/** What the suite needs to know about one estimator to hold it to the contract. */
export interface EstimatorSubject<Input, Fitted extends FittedModel> {
  /** A recipe with the parameters to test; called once per test. */
  readonly estimator: () => Estimator<Input, Fitted>;
  /** A small input it can learn from: plain data and typed arrays. Equal on every call. */
  readonly input: () => Input;
  /** Everything a fitted model can say about one fixed question, as numbers (predictions, parameters …). */
  readonly answers: (fitted: Fitted) => ArrayLike<number>;
  /** The same input with its rows (or learners) in another order; leave out where the order carries meaning. */
  readonly reordered?: (input: Input) => Input;
  /** How far the answers of a model fitted on reordered rows may be off: sums round differently. Default 1e-9. */
  readonly reorderedTolerance?: number;
  /** Inputs that must be refused, by what is wrong with them. */
  readonly refused?: Readonly<Record<string, { readonly input: () => Input; readonly code: ErrorCode }>>;
  /** Odd inputs that must be survived with finite answers: one row, one column, one item … */
  readonly survived?: Readonly<Record<string, () => Input>>;
}

/** The context of a fit with the given seed. */
export function contextOf(seed: string | number, rest: Omit<FitContext, "rng"> = {}): FitContext {
  return { rng: random(seed), ...rest };
}

/** Runs an action that must fail and returns the code of its CairnError; any other outcome fails the test. */
export function codeOf(action: () => unknown): ErrorCode {
  try {
    action();
  } catch (error) {
    if (error instanceof CairnError) return error.code;
    throw error;
  }
  throw new Error("expected a CairnError, got no error");
}

/** The bytes of a model's artifact: what "the same model" means. */
export function bytesOf(fitted: FittedModel): Uint8Array {
  return encodeArtifact(fitted.encode());
}

const aborted = (): AbortSignal => {
  const controller = new AbortController();
  controller.abort();
  return controller.signal;
};

/**
 * The promises every estimator keeps, whatever it learns: same seed same bytes, a round trip through the artifact's bytes
 * that answers the same, an untouched input, row order irrelevant (where it carries no meaning), honest progress,
 * cancellation, and bad input refused by code. An artifact names its kind in `metadata.kind`.
 */
export function describeEstimatorContract<Input, Fitted extends FittedModel>(
  name: string,
  subject: EstimatorSubject<Input, Fitted>,
): void {
  const learn = (input: Input, seed = "contract"): Fitted => subject.estimator().fit(input, contextOf(seed));
  const answers = (fitted: Fitted): number[] => Array.from(subject.answers(fitted));

  describe(`${name} keeps the estimator contract`, () => {
    test("the fitted model carries the recipe's kind", () => {
      const estimator = subject.estimator();
      expect(estimator.kind).toMatch(/^[a-z-]+(\/[a-z0-9-]+)+$/);
      expect(learn(subject.input()).kind).toBe(estimator.kind);
    });

    test("parameters are plain JSON", () => {
      const { parameters } = subject.estimator();
      expect(JSON.parse(JSON.stringify(parameters))).toEqual(parameters);
    });

    test("same input, same seed: same bytes", () => {
      const estimator = subject.estimator();
      const first = bytesOf(estimator.fit(subject.input(), contextOf(7)));
      estimator.fit(subject.input(), contextOf(8)); // a recipe has no state that an earlier fit could leave behind
      expect(bytesOf(estimator.fit(subject.input(), contextOf(7)))).toEqual(first);
    });

    test("decode(encode) through the artifact's bytes answers the same and has the same bytes", () => {
      const fitted = learn(subject.input());
      const decoded = subject.estimator().decode(decodeArtifact(bytesOf(fitted)));
      expect(answers(decoded)).toEqual(answers(fitted));
      expect(answers(fitted).length).toBeGreaterThan(0);
      expect(bytesOf(decoded)).toEqual(bytesOf(fitted));
      expect(decoded.kind).toBe(fitted.kind);
    });

    test("an artifact without its arrays is refused", () => {
      const { metadata } = learn(subject.input()).encode();
      expect(codeOf(() => subject.estimator().decode({ metadata, arrays: {} }))).toBe("ARTIFACT_CORRUPT");
    });

    test("an artifact of another kind is refused", () => {
      const { metadata, arrays } = learn(subject.input()).encode();
      const other = { metadata: { ...metadata, kind: "another/kind" }, arrays };
      expect(codeOf(() => subject.estimator().decode(other))).toBe("ARTIFACT_CORRUPT");
    });

    test("answering does not change the model, and changing what encode gave does not either", () => {
      const fitted = learn(subject.input());
      const before = bytesOf(fitted);
      const first = answers(fitted);
      for (const tensor of Object.values(fitted.encode().arrays)) tensor.fill(0);
      expect(answers(fitted)).toEqual(first);
      expect(bytesOf(fitted)).toEqual(before);
    });

    test("the input is not changed, and changing it afterwards does not change the model", () => {
      const input = subject.input();
      const before = structuredClone(input);
      const fitted = learn(input);
      const first = bytesOf(fitted);
      expect(input).toEqual(before);
      wipe(input);
      expect(bytesOf(fitted)).toEqual(first);
      expect(answers(fitted)).toEqual(answers(learn(subject.input())));
    });

    test.runIf(subject.reordered !== undefined)("the order of rows does not matter", () => {
      const straight = answers(learn(subject.input()));
      const reordered = answers(learn(subject.reordered!(subject.input())));
      expect(reordered.length).toBe(straight.length);
      const tolerance = subject.reorderedTolerance ?? 1e-9;
      for (let i = 0; i < straight.length; i++) {
        expect(Math.abs(reordered[i]! - straight[i]!)).toBeLessThanOrEqual(
          tolerance * Math.max(1, Math.abs(straight[i]!)),
        );
      }
    });

    test("progress goes up from 0 to 1 and does not change the model", () => {
      const seen: number[] = [];
      const watched = subject
        .estimator()
        .fit(subject.input(), contextOf("contract", { onProgress: (f) => seen.push(f) }));
      expect(seen.at(-1)).toBe(1);
      expect(seen.every((fraction, i) => fraction >= (seen[i - 1] ?? 0) && fraction <= 1)).toBe(true);
      expect(bytesOf(watched)).toEqual(bytesOf(learn(subject.input())));
    });

    test("cancelled by its signal", () => {
      const signal = aborted();
      expect(codeOf(() => subject.estimator().fit(subject.input(), contextOf(1, { signal })))).toBe("CANCELLED");
    });

    for (const [what, { input, code }] of Object.entries(subject.refused ?? {})) {
      test(`${what} is refused as ${code}`, () => {
        expect(codeOf(() => learn(input()))).toBe(code);
      });
    }

    for (const [what, input] of Object.entries(subject.survived ?? {})) {
      test(`${what} is survived`, () => {
        const fitted = learn(input());
        expect(answers(fitted).every((answer) => Number.isFinite(answer))).toBe(true);
        expect(bytesOf(subject.estimator().decode(decodeArtifact(bytesOf(fitted))))).toEqual(bytesOf(fitted));
      });
    }
  });
}

/** Zeroes every typed array inside plain data. */
function wipe(value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    if (!(value instanceof DataView)) (value as Float64Array).fill(0);
  } else if (value !== null && typeof value === "object") {
    for (const inner of Object.values(value)) wipe(inner);
  }
}
