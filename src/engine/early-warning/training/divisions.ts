import type { TrainingTable } from "../risk-tables.ts";

/** Row numbers of one fit and of the rows it is asked about. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** How rows choose a model and how others judge it. */
export interface Division {
  /**
   * - `rolling origins` models of earlier periods are asked about later ones; half of the persons of the last period judge
   * - `held-out persons` of one period four fifths of the persons choose in turn, a fifth judges
   */
  readonly scheme: "rolling origins" | "held-out persons";
  /** Each validation row is asked about once. */
  readonly choose: readonly Fold[];
  /** Asked about what judges. A fold of `choose` that learns from the same rows has the same `train`, not a copy. */
  readonly judge: Fold;
}

const FOLDS = 5; // of persons

/**
 * Divides training rows. Periods are taken in the order of their days; a period trains a model for a later one if its labels were ripe
 * before the later one's rows were seen, unless that leaves less than half of what has begun before: presentations of courses overlap, and a
 * model of a tenth of the data is another model. For the same reason an earlier fold chooses only if its model
 * learned from at least a third of what the last one learns from. Of the last period half of the persons choose and the others judge: both
 * lie ahead of the models, and who judges has no say. Rows of earlier days of a period train and are never asked about: each learner is asked
 * about once a period, on the day the ranking is for.
 * @param keys - a hash of each row's content: what decides the folds, so that the same records give the same folds everywhere
 */
export function divideRows(
  { person, labels, period, asOf, learner, ripeOn = {} }: TrainingTable,
  keys: readonly string[],
): Division {
  const asked = lastOfEach(learner, asOf);
  const firstDay = new Map<string, string>();
  const size = new Map<string, number>();
  for (const [row, name] of period.entries()) {
    const known = firstDay.get(name);
    if (known === undefined || asOf[row]! < known) firstDay.set(name, asOf[row]!);
    size.set(name, (size.get(name) ?? 0) + 1);
  }
  const periods = [...firstDay.keys()].sort((a, b) => (firstDay.get(a)! < firstDay.get(b)! ? -1 : 1));
  const rowsIn = (names: readonly string[]): number => names.reduce((sum, name) => sum + size.get(name)!, 0);
  const before = (later: string): Set<string> => {
    const begun = periods.filter((one) => firstDay.get(one)! < firstDay.get(later)!);
    const ripe = begun.filter((one) => ripeOn[one] === undefined || ripeOn[one] <= firstDay.get(later)!);
    return new Set(2 * rowsIn(ripe) >= rowsIn(begun) ? ripe : begun);
  };
  const rowsWhere = (keep: (row: number) => boolean): number[] => Array.from(person.keys()).filter((row) => keep(row));
  const forward = (later: string): Fold => {
    const earlier = before(later);
    return {
      train: rowsWhere((row) => earlier.has(period[row]!)),
      test: rowsWhere((row) => period[row] === later && asked[row] === 1),
    };
  };
  const part = personParts(person, labels, keys);
  const fold = part.map((own) => own % FOLDS);
  const byPerson = (inside: (row: number) => boolean, own: number): Fold => ({
    train: rowsWhere((row) => inside(row) && fold[row] !== own),
    test: rowsWhere((row) => inside(row) && fold[row] === own && asked[row] === 1),
  });
  const last = periods.length < 2 ? undefined : forward(periods.at(-1)!);
  if (last === undefined || last.train.length === 0) {
    const trains = (row: number): boolean => fold[row] !== 0;
    return {
      scheme: "held-out persons",
      // Every learner that is not held out is asked about once: one fifth alone would be too few to tell the candidates apart.
      choose: Array.from({ length: FOLDS - 1 }, (_, index) => byPerson(trains, index + 1)),
      judge: byPerson(() => true, 0),
    };
  }
  const enough = last.train.length / 3;
  const earlier = periods
    .slice(0, -1)
    .map(forward)
    .filter(({ train }) => train.length > 0 && train.length >= enough);
  const half = (own: number): Fold => ({ train: last.train, test: last.test.filter((row) => part[row]! % 2 === own) });
  return { scheme: "rolling origins", choose: [...earlier, half(0)], judge: half(1) };
}

/** 1 for the last day of each learner of a period. */
function lastOfEach(learner: readonly string[], asOf: readonly string[]): Uint8Array {
  const last = new Map<string, string>();
  for (const [row, own] of learner.entries()) {
    const known = last.get(own);
    if (known === undefined || asOf[row]! > known) last.set(own, asOf[row]!);
  }
  return Uint8Array.from(learner, (own, row) => (last.get(own) === asOf[row] ? 1 : 0));
}

/** With fewer persons of the rarer end than this, chance would now and then leave a fold without one of them. */
const FEW = 10 * FOLDS;

/**
 * A number per row that looks random: all rows of a person have the same. What decides is a hash of the person's own rows, not of the
 * person's code, which is random: the same records give the same folds in every installation. Where one end is rare, the persons of each end
 * are dealt out in the order of that hash instead: every part gets its share of both, and a newcomer may move the others.
 */
function personParts(person: readonly string[], labels: Uint8Array, keys: readonly string[]): number[] {
  const own = new Map<string, string[]>();
  const failing = new Set<string>();
  for (const [row, code] of person.entries()) {
    const known = own.get(code);
    if (known === undefined) own.set(code, [keys[row]!]);
    else known.push(keys[row]!);
    if (labels[row] === 1) failing.add(code);
  }
  const hashed = [...own].map(([code, of]) => ({ code, hash: of.sort().join(" ") }));
  if (Math.min(failing.size, own.size - failing.size) >= FEW) {
    const parts = new Map(hashed.map(({ code, hash }) => [code, Number.parseInt(hash.slice(0, 8), 16)]));
    return person.map((code) => parts.get(code)!);
  }
  hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const dealt = [...hashed.filter(({ code }) => failing.has(code)), ...hashed.filter(({ code }) => !failing.has(code))];
  const place = new Map(dealt.map(({ code }, index) => [code, index]));
  return person.map((code) => place.get(code)!);
}
