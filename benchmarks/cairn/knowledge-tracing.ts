import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bayesianKnowledgeTracing } from "../../src/models/mastery/bayesian-knowledge-tracing.ts";
import type { ResponseLog } from "../../src/models/mastery/response-log.ts";
import { random } from "../../src/numeric/random.ts";
import { serveSide, timed } from "../side.ts";

// No priors, and pyBKT's own stopping rule is looser than this one: the likelihood must not be worse.
const recipe = bayesianKnowledgeTracing({ forgetting: false, priorStrength: 0, starts: 5 });

await serveSide(prepare, (log) => {
  const { seconds, result } = timed(() => recipe.fit(log, { rng: random(1) }));
  const predicted = new Float64Array(log.outcome.length);
  result.predictNext(log, predicted);
  let logLikelihood = 0;
  for (let row = 0; row < predicted.length; row++) {
    logLikelihood += Math.log(log.outcome[row] === 1 ? predicted[row]! : 1 - predicted[row]!);
  }
  return { timings: { fit: seconds }, figures: { logLikelihood } };
});

async function prepare(folder: string): Promise<ResponseLog> {
  const plain = JSON.parse(await readFile(join(folder, "log.json"), "utf8")) as Record<string, number[]> & {
    skills: string[];
  };
  return {
    learner: Int32Array.from(plain.learner!),
    skill: Int32Array.from(plain.skill!),
    outcome: Float64Array.from(plain.outcome!),
    learnerStart: Int32Array.from(plain.learnerStart!),
    skills: plain.skills,
  };
}
