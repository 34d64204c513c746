import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readAssistments2009 } from "../../datasets/knowledge-tracing/assistments.ts";
import { evaluateMasteryFiles } from "../../src/engine/evaluation-sets/mastery/evaluate-files.ts";
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

const slow = process.env.CAIRN_SLOW === "1";
const slowReason = slow ? "" : " (skipped: takes minutes; set CAIRN_SLOW=1)";
const data = `${folder}/knowledge_tracing`;
const options = { seed: 1, clock: () => 0 };

/** The AUC of models on the handbook's protocol A, by name. */
async function onProtocolA(models: readonly string[]): Promise<Record<string, number>> {
  const files = { train: `${data}/assist2009/lpp_train.tsv.gz`, test: `${data}/assist2009/lpp_test.tsv.gz` };
  // One model at a time, so that none is fitted twice to choose among them.
  const aucs = await Promise.all(
    models.map(async (name): Promise<[string, number]> => {
      const { evaluation } = await evaluateMasteryFiles({ ...files, format: "lpp" }, { ...options, models: [name] });
      expect(evaluation.rows).toEqual({ train: 220_070, test: 58_266 });
      return [name, Number(evaluation.models[name]!.auc)];
    }),
  );
  return Object.fromEntries(aucs);
}

describe.runIf(present)(`next response on ASSISTments 2009, Gervet split${reason}`, () => {
  // Measured .7905; the goal is .795. The references below are the handbook's: recency .7818, with n-grams .7835.
  test("the best single model: AUC at least .790", { timeout: 900_000 }, async () => {
    expect((await onProtocolA(["context"])).context).toBeGreaterThanOrEqual(0.79);
  });

  // References: the handbook's protocol A. Elo to .002, the others to .001.
  test.runIf(slow)(`every reference is reproduced${slowReason}`, { timeout: 900_000 }, async () => {
    const references = { irt: 0.6864, pfa: 0.7118, "best-lr": 0.7683, recency: 0.7818, "n-grams": 0.7835, elo: 0.7606 };
    const found = await onProtocolA(Object.keys(references));
    for (const [name, auc] of Object.entries(references))
      expect(Math.abs(found[name]! - auc)).toBeLessThanOrEqual(0.001);
  });

  test.runIf(slow)(`one row per response: protocol C${slowReason}`, { timeout: 900_000 }, async () => {
    const { evaluation } = await evaluateMasteryFiles(
      { data: `${data}/assist2009/akt_assist2009_pid_long.csv.gz`, format: "akt", folds: [1] },
      { ...options, models: ["best-lr"] },
    );
    expect(evaluation.rows.test).toBe(52_003);
    expect(Math.abs(Number(evaluation.models["best-lr"]!.auc) - 0.769)).toBeLessThanOrEqual(0.001);
  });
});

describe.runIf(present && slow)(`next response on ASSISTments 2015, AKT fold 1${reason}${slowReason}`, () => {
  // Measured .7297; the goal is .730 over all five folds.
  test("the best single model: AUC at least .729", { timeout: 900_000 }, async () => {
    const { evaluation } = await evaluateMasteryFiles(
      { data: `${data}/assist2015/akt_assist2015_long.csv.gz`, format: "akt", folds: [1] },
      { ...options, models: ["context"] },
    );
    expect(evaluation.rows.test).toBe(136_231);
    expect(evaluation.models.context!.auc).toBeGreaterThanOrEqual(0.729);
  });
});
