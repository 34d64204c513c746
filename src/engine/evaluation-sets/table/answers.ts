const FACTORS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.35, 1.5, 1.7, 1.9, 2.1, 2.4, 2.7, 3, 3.5, 4]; // finer would fit noise
const PASSES = 3; // over the classes; the weights of a class hardly move in the third

/**
 * What each row is answered with: the class with the greatest weighted probability, the first of equal ones.
 * @param probabilities - shape (n × classes), row-major
 * @param weights - shape (classes); the most probable class when left out
 * @returns shape (n), indices of classes
 */
export function answersOf(probabilities: Float64Array, classes: number, weights?: ArrayLike<number>): Uint8Array {
  const answers = new Uint8Array(probabilities.length / classes);
  for (let row = 0, offset = 0; row < answers.length; row++, offset += classes) {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let category = 0; category < classes; category++) {
      const value = probabilities[offset + category]! * (weights?.[category] ?? 1);
      if (value <= most) continue;
      most = value;
      best = category;
    }
    answers[row] = best;
  }
  return answers;
}

/**
 * The weights with which answers have the greatest macro-F1 on rows whose model never saw them. A class that is never the most
 * probable one has F1 = 0 although its rows can be told apart; macro-F1 wants it answered more often than it is probable. The
 * most frequent class keeps weight 1; the others are moved in turn, over a coarse grid.
 * @param labels - shape (n), indices of classes
 * @param probabilities - shape (n × classes), row-major, out of fold
 * @returns shape (classes), all 1 when nothing is gained
 */
export function fitAnswerWeights(labels: Uint8Array, probabilities: Float64Array, classes: number): number[] {
  const weights = new Array<number>(classes).fill(1);
  const rows = new Float64Array(classes);
  for (const label of labels) rows[label]! += 1;
  const frequent = rows.indexOf(Math.max(...rows));
  let best = macroF1(labels, answersOf(probabilities, classes, weights), classes);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let category = 0; category < classes; category++) {
      if (category === frequent) continue;
      for (const factor of FACTORS) {
        const tried = weights.with(category, factor);
        const reached = macroF1(labels, answersOf(probabilities, classes, tried), classes);
        if (reached <= best) continue;
        best = reached;
        weights[category] = factor;
      }
    }
  }
  return weights;
}

/** The plain mean of 2·TP/(2·TP + FP + FN); a class that neither occurs nor is answered counts 0. */
function macroF1(labels: Uint8Array, answers: Uint8Array, classes: number): number {
  const hits = new Float64Array(classes);
  const mentions = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) {
    mentions[labels[row]!]! += 1;
    mentions[answers[row]!]! += 1;
    if (labels[row] === answers[row]) hits[labels[row]!]! += 1;
  }
  return (
    hits.reduce((sum, hit, category) => sum + (mentions[category]! > 0 ? (2 * hit) / mentions[category]! : 0), 0) /
    classes
  );
}
