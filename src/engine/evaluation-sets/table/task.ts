import { CairnError } from "../../../errors.ts";
import type { Table } from "./read-table.ts";

const MOST_CLASSES = 50; // a label with more values is a number or an identifier, not an outcome
const YES = ["1", "true", "yes", "y", "t"];

/** What is to be predicted. */
export interface TableTask {
  /** With two classes the second is the outcome that is predicted. */
  readonly classes: readonly string[];
  /** Shape (rows), indices into `classes`. */
  readonly labels: Uint8Array;
  /** The label values that count as the outcome; undefined with several classes. */
  readonly positive: readonly string[] | undefined;
}

/**
 * Turns the values of a label column into classes: the given values against all others; without them two values are a
 * yes/no outcome (1, true, yes, else the rarer one, else the last by name) and more are several classes.
 * @throws CairnError `BAD_INPUT` for a positive value that does not occur or a label with over fifty values, `SINGLE_CLASS`
 */
export function taskOf(table: Pick<Table, "label" | "labels">, positive: readonly string[] | undefined): TableTask {
  const { label, labels } = table;
  if (labels.length < 2) {
    throw new CairnError("SINGLE_CLASS", `expected a label with at least two values, got ${labels.length}`, {
      hint: "name the column of the outcome with --label",
    });
  }
  const chosen = positive === undefined ? undefined : matchAll(positive, labels);
  if (chosen === undefined && labels.length > MOST_CLASSES) {
    throw new CairnError("BAD_INPUT", `expected a label with at most ${MOST_CLASSES} values, got ${labels.length}`, {
      hint: "name the values that are the outcome with --positive",
    });
  }
  if (chosen === undefined && labels.length > 2)
    return { classes: labels, labels: Uint8Array.from(label), positive: undefined };
  const own = chosen ?? [labels[usualPositive(table)]!];
  if (own.length === labels.length) {
    throw new CairnError("SINGLE_CLASS", "expected label values besides the positive ones, got none", {
      hint: `leave one of ${labels.slice(0, 20).join(", ")} out of --positive`,
    });
  }
  const isPositive = labels.map((value) => own.includes(value));
  return {
    classes: [`not ${own.join(" or ")}`, own.join(" or ")],
    labels: Uint8Array.from(label, (code) => (isPositive[code]! ? 1 : 0)),
    positive: own,
  };
}

function matchAll(positive: readonly string[], labels: readonly string[]): string[] {
  return positive.map((text) => {
    const wanted = text.trim();
    const found = labels.find((value) => value === wanted) ?? labels.find((value) => isSameNumber(value, wanted));
    if (found !== undefined) return found;
    throw new CairnError("BAD_INPUT", `expected a positive value that occurs in the label column, got "${wanted}"`, {
      hint: `the column holds ${labels.slice(0, 20).join(", ")}${labels.length > 20 ? ", …" : ""}`,
    });
  });
}

const isSameNumber = (value: string, wanted: string): boolean => wanted !== "" && Number(value) === Number(wanted);

function usualPositive({ label, labels }: Pick<Table, "label" | "labels">): number {
  const yes = labels.findIndex((value) => YES.includes(value.toLowerCase()));
  if (yes >= 0) return yes;
  const ones = label.reduce((sum, code) => sum + code, 0);
  return 2 * ones <= label.length ? 1 : 0;
}
