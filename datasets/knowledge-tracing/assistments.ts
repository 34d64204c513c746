import { type PublicFile, readPublicFile } from "./checked-file.ts";

const PUBLISHED = "github.com/theophilegervet/learner-performance-prediction (research use)";

const files: Readonly<Record<"train" | "test", PublicFile>> = {
  train: {
    path: "knowledge_tracing/assist2009/lpp_train.tsv.gz",
    sha256: "7a570166342b08a43f4a1379cfa15f61316a47e2551280759c7ab1a67d173e8f",
    published: PUBLISHED,
  },
  test: {
    path: "knowledge_tracing/assist2009/lpp_test.tsv.gz",
    sha256: "7874853f29011385c0552789d02509f641bd6c83e838ee69f9d955aed0c4dfae",
    published: PUBLISHED,
  },
};

/** Answers of many learners, rows in the order they were given, one run of rows per learner. */
export interface TracingLog {
  /** Shape (rows): the set's own learner numbers. */
  readonly learner: Int32Array;
  /** Shape (rows): index into `skills`. */
  readonly skill: Int32Array;
  /** Shape (rows): 1 right, 0 wrong. */
  readonly outcome: Uint8Array;
  /** Shape (learners + 1): first row of each learner. */
  readonly learnerStart: Int32Array;
  readonly skills: readonly string[];
}

/**
 * ASSISTments 2009–10 in the split of Gervet et al. (2020): 220,070 training and 58,266 test responses of different
 * learners, in the order they were given. One row per response: a set of several skills is one skill of its own.
 * @param folder - the data folder (`CAIRN_DATASETS`)
 * @throws CairnError `UNREADABLE_FILE`
 */
export function readAssistments2009(folder: string, part: "train" | "test"): TracingLog {
  const lines = readPublicFile(folder, files[part]).trimEnd().split("\n").slice(1); // below the header
  const learner = new Int32Array(lines.length);
  const skill = new Int32Array(lines.length);
  const outcome = new Uint8Array(lines.length);
  const starts: number[] = [];
  const skills = new Map<string, number>();
  for (const [row, line] of lines.entries()) {
    const [user, , , correct, name] = line.split("\t");
    learner[row] = Number(user);
    if (row === 0 || learner[row] !== learner[row - 1]) starts.push(row);
    if (!skills.has(name!)) skills.set(name!, skills.size);
    skill[row] = skills.get(name!)!;
    outcome[row] = Number(correct);
  }
  return { learner, skill, outcome, learnerStart: Int32Array.of(...starts, lines.length), skills: [...skills.keys()] };
}
