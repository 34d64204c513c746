import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAssistments2009 } from "../../datasets/knowledge-tracing/assistments.ts";
import type { BenchmarkCase } from "../case.ts";
import { datasetsFolder, missingFiles } from "./shared-datasets.ts";

/** Knowledge tracing of every skill group, each from five starts. */
export const knowledgeTracingCase: BenchmarkCase = {
  name: "knowledge-tracing",
  work: "BKT of the 149 skill groups of ASSISTments 2009 (220,070 responses), 5 starts each",
  compared: [{ timing: "fit", goal: 10 }],
  figures: ["logLikelihood"],
  async prepare(folder) {
    const missing = missingFiles("knowledge_tracing/assist2009/lpp_train.tsv.gz");
    if (missing !== undefined) return missing;
    const log = readAssistments2009(datasetsFolder(), "train");
    const plain = { ...log, learner: [...log.learner], skill: [...log.skill], outcome: [...log.outcome] };
    await writeFile(join(folder, "log.json"), JSON.stringify({ ...plain, learnerStart: [...log.learnerStart] }));
    return undefined;
  },
  cairn: "knowledge-tracing.js",
  peers: { pyBKT: { script: "bkt.py", requirements: "requirements-pybkt.txt" } },
  runs: 1,
};
