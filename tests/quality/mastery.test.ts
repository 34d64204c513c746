import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readAssistments2009 } from "../../datasets/knowledge-tracing/assistments.ts";
import { bayesianKnowledgeTracing } from "../../src/models/mastery/bayesian-knowledge-tracing.ts";
import { areaUnderRocScore } from "../../src/numeric/metrics/area-under-roc.ts";
import { random } from "../../src/numeric/random.ts";

const folder = process.env.CAIRN_DATASETS ?? "../shared/datasets";
const present = existsSync(`${folder}/knowledge_tracing/assist2009`);
const reason = present ? "" : " (skipped: no knowledge_tracing/assist2009 in CAIRN_DATASETS)";

/** AUC and RMSE over every response of the test learners, each predicted from that learner's earlier responses. */
function measure(forgetting: boolean): { auc: number; rmse: number } {
  const train = readAssistments2009(folder, "train");
  const test = readAssistments2009(folder, "test");
  const model = bayesianKnowledgeTracing({ forgetting }).fit(train, { rng: random(1) });
  const predicted = new Float64Array(test.outcome.length);
  model.predictNext(test, predicted);
  const auc = areaUnderRocScore(Uint8Array.from(test.outcome), predicted);
  if (auc.status === "undefined") throw new Error(auc.reason);
  const squares = predicted.reduce((sum, p, row) => sum + (p - test.outcome[row]!) ** 2, 0);
  return { auc: auc.value, rmse: Math.sqrt(squares / predicted.length) };
}

describe.runIf(present)(`knowledge tracing on ASSISTments 2009, Gervet split${reason}`, () => {
  // Floors and references: the handbook's protocol A (.7154/.4401 classic, .7214/.4381 with forgetting).
  test("classic: AUC at least .714", () => {
    const { auc, rmse } = measure(false);
    expect(auc).toBeGreaterThanOrEqual(0.714);
    expect(rmse).toBeLessThanOrEqual(0.441);
  });

  test("with forgetting: AUC at least .720", () => {
    const { auc, rmse } = measure(true);
    expect(auc).toBeGreaterThanOrEqual(0.72);
    expect(rmse).toBeLessThanOrEqual(0.439);
  });
});
