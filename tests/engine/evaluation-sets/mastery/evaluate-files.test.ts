import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  evaluateMasteryFiles,
  type MasteryFiles,
} from "../../../../src/engine/evaluation-sets/mastery/evaluate-files.ts";
import { readResponseFile } from "../../../../src/engine/evaluation-sets/mastery/response-file.ts";
import { masteryLogOf } from "../../../../src/engine/evaluation-sets/mastery/response-log.ts";
import type { CairnError } from "../../../../src/errors.ts";
import { random } from "../../../../src/numeric/random.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-mastery-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

const failure = async (work: Promise<unknown>): Promise<CairnError> =>
  work.then(
    () => {
      throw new Error("expected an error, got none");
    },
    (error: CairnError) => error,
  );

const LPP = "user_id\titem_id\ttimestamp\tcorrect\tskill_id\n";
const AKT = "fold,user_id,seq,problem_id,skill_id,correct\n";

/** Learners of different ability on items of different difficulty. */
function simulate(first: number, learners: number): { user: number; item: number; correct: number }[] {
  const rng = random(`file ${first}`);
  return Array.from({ length: learners }, (_, learner) => {
    const ability = rng.next() < 0.5 ? -1.5 : 1.5;
    return Array.from({ length: 12 }, () => {
      const item = rng.integer(6);
      return { user: first + learner, item, correct: rng.next() < 1 / (1 + Math.exp(-ability - item + 2.5)) ? 1 : 0 };
    });
  }).flat();
}
const lpp = (first: number, learners: number): string =>
  LPP +
  simulate(first, learners)
    .map(({ user, item, correct }) => `${user}\t${item}\t0\t${correct}\t${item % 2}\n`)
    .join("");
const options = { seed: 1, clock: () => 0, models: ["irt", "bkt", "elo", "best-lr", "context"] };

describe("reading", () => {
  test("the akt format: rows of one response are merged, and an item's skills are the union over the file", async () => {
    const path = await file(
      "merge.csv",
      `${AKT}1,7,1,p,b,1\n1,7,0,p,a,1\n1,7,2,p,a,1\n1,7,3,q,a,0\n1,7,4,q,b,1\n2,8,0,q,c,0\n`,
    );
    const { log, fold, merged } = masteryLogOf(await readResponseFile(path, "akt"), "akt");
    expect([...log.outcome]).toEqual([1, 1, 0, 1, 0]); // seq 0 and 1 are one response; another outcome starts a new one
    expect([...log.learnerStart]).toEqual([0, 4, 5]);
    expect([...fold]).toEqual([1, 2]);
    expect(merged).toBe(1);
    const skillsOf = (row: number): string[] =>
      Array.from(
        log.skillIdx.subarray(log.skillPtr[log.skillSet[row]!], log.skillPtr[log.skillSet[row]! + 1]),
        (skill) => log.skills[skill]!,
      ).sort();
    expect(skillsOf(0)).toEqual(["a", "b"]);
    expect(skillsOf(1)).toEqual(["a", "b"]);
    expect(skillsOf(4)).toEqual(["a", "b", "c"]);
  });

  test("without problem_id the skill is the item, and nothing is merged", async () => {
    const path = await file("as15.csv.gz", gzipSync("fold,user_id,seq,skill_id,correct\n1,7,0,3,1\n1,7,1,3,1\n"));
    const { log, merged } = masteryLogOf(await readResponseFile(path, "akt"), "akt");
    expect([log.items, log.skills, merged, log.outcome.length]).toEqual([["3"], ["3"], 0, 2]);
  });

  test("the lpp format: learners are put together, by time; \\r\\n and columns in another order are fine", async () => {
    const path = await file(
      "mixed.tsv",
      "correct\ttimestamp\tuser_id\titem_id\tskill_id\r\n1\t9\tu\ta\ts\r\n0\t1\tv\ta\ts\r\n0\t2\tu\tb\ts\r\n",
    );
    const { log } = masteryLogOf(await readResponseFile(path, "lpp"), "lpp");
    expect([...log.outcome]).toEqual([0, 1, 0]);
    expect([...log.learnerStart]).toEqual([0, 2, 3]);
    expect([...log.time!]).toEqual([2, 9, 1]);
  });

  test("timestamps that are all equal, or not there, are no clock: the order of the file is", async () => {
    for (const content of [
      `${LPP}u\ta\t7\t1\ts\nu\tb\t7\t0\ts\n`,
      "user_id\titem_id\tcorrect\tskill_id\nu\ta\t1\ts\nu\tb\t0\ts\n",
    ]) {
      const { log } = masteryLogOf(await readResponseFile(await file("equal.tsv", content), "lpp"), "lpp");
      expect(log.time).toBeUndefined();
      expect([...log.outcome]).toEqual([1, 0]);
    }
  });

  test.each([
    ["another outcome", `${LPP}1\t2\t0\t0.5\t3\n`, 'line 2, column correct: expected 0 or 1, got "0.5"'],
    ["an empty outcome", `${LPP}1\t2\t0\t1\t3\n1\t2\t0\t\t3\n`, 'line 3, column correct: expected 0 or 1, got ""'],
    ["an empty skill", `${LPP}1\t2\t0\t1\t\n`, "line 2, column skill_id: expected an id, got an empty cell"],
    ["a time in words", `${LPP}1\t2\tnoon\t1\t3\n`, 'line 2, column timestamp: expected a number, got "noon"'],
    ["a missing cell", `${LPP}1\t2\t0\t1\n`, "line 2: expected 5 columns, got 4"],
  ])("%s is refused with line, column and reason", async (_what, content, message) => {
    const error = await failure(readResponseFile(await file("bad.tsv", content), "lpp"));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toBe(`bad.tsv, ${message}`);
  });

  test("no file, a broken archive, another header and a header alone are refused", async () => {
    const codes = await Promise.all(
      [
        join(folder, "nothing.tsv"),
        await file("broken.gz", gzipSync(LPP).subarray(0, 15)),
        await file("header.tsv", "a\tb\n1\t2\n"),
        await file("alone.tsv", LPP),
      ].map(async (path) => (await failure(readResponseFile(path, "lpp"))).code),
    );
    expect(codes).toEqual(Array(4).fill("UNREADABLE_FILE"));
  });

  test("a learner in two folds is refused", async () => {
    const path = await file("folds.csv", `${AKT}1,7,0,p,a,1\n2,7,1,p,a,1\n`);
    const rows = await readResponseFile(path, "akt");
    expect(() => masteryLogOf(rows, "akt")).toThrow("got one in folds 1 and 2");
  });
});

describe("evaluating", () => {
  test("a training and a test file", async () => {
    const train = await file("train.tsv.gz", gzipSync(lpp(0, 60)));
    const asked = await file("test.tsv", lpp(1000, 30));
    const { evaluation } = await evaluateMasteryFiles({ train, test: asked, format: "lpp" }, options);
    expect(evaluation.rows).toEqual({ train: 720, test: 360 });
    expect(Object.keys(evaluation.models)).toEqual(options.models);
    for (const { auc, rmse, logLoss, ece } of Object.values(evaluation.models)) {
      expect(auc).toBeGreaterThan(0.6); // every model sees ability or difficulty; guessing gives .5
      for (const figure of [auc, rmse, logLoss, ece]) expect(typeof figure).toBe("number");
    }
    expect(options.models).toContain(evaluation.best);
    expect(evaluation.best).not.toBe("irt"); // half of the learners are three log-odds above the others
    const again = await evaluateMasteryFiles({ train, test: asked, format: "lpp" }, options);
    expect(again.evaluation).toEqual(evaluation);
  });

  test("published folds: the mean, and each fold", async () => {
    const content =
      AKT +
      simulate(0, 60)
        .map(({ user, item, correct }, row) => `${1 + (user % 3)},${user},${row},${item},${item % 2},${correct}\n`)
        .join("");
    const data = await file("folds.csv", content);
    const { evaluation } = await evaluateMasteryFiles(
      { data, format: "akt", folds: "all" },
      { ...options, models: ["elo", "pfa"] },
    );
    const folds = Object.values(evaluation.folds!);
    expect(Object.keys(evaluation.folds!)).toEqual(["1", "2", "3"]);
    expect(folds.map(({ rows }) => rows)).toEqual(Array(3).fill({ train: 480, test: 240 }));
    const mean = folds.reduce((sum, { models }) => sum + (models.elo!.auc as number) / 3, 0);
    expect(evaluation.models.elo!.auc).toBeCloseTo(mean, 12);
    const second = await evaluateMasteryFiles({ data, format: "akt", folds: [2] }, { ...options, models: ["elo"] });
    expect(second.evaluation.folds!["2"]!.models.elo).toEqual(evaluation.folds!["2"]!.models.elo);
  });

  test("a blend says how far it listens to each model, fold by fold, and asks for its models by itself", async () => {
    const content =
      AKT +
      simulate(0, 80)
        .map(({ user, item, correct }, row) => `${user % 2},${user},${row},${item},${item % 2},${correct}\n`)
        .join("");
    const data = await file("blend.csv", content);
    const seen: number[] = [];
    const { evaluation } = await evaluateMasteryFiles(
      { data, format: "akt", folds: "all" },
      { ...options, models: ["elo", "blend"], onProgress: (fraction) => seen.push(fraction) },
    );
    expect(Object.keys(evaluation.models)).toEqual(["elo", "blend"]);
    expect(["elo", "blend"]).toContain(evaluation.best);
    for (const { models } of Object.values(evaluation.folds!)) {
      const { weights } = models.blend!.blend!;
      expect(Object.keys(weights)).toEqual(["irt-2pl", "bkt", "best-lr", "context", "trees", "recurrent"]);
      for (const weight of Object.values(weights)) expect(weight).toBeGreaterThanOrEqual(0);
      expect(models.blend!.auc).toBeGreaterThan(0.6);
    }
    expect(seen.every((fraction, i) => fraction >= (seen[i - 1] ?? 0))).toBe(true);
    expect(seen.at(-1)).toBe(1);
  });

  test("rows per skill are pointed out", async () => {
    const twice = simulate(0, 40).flatMap(({ user, item, correct }) =>
      ["a", "b"].map((skill) => `${user}\t${item}\t0\t${correct}\t${skill}\n`),
    );
    const train = await file("expanded.tsv", LPP + twice.join(""));
    const asked = await file("sound.tsv", lpp(1000, 10));
    const { notes } = await evaluateMasteryFiles(
      { train, test: asked, format: "lpp" },
      { ...options, models: ["pfa"] },
    );
    expect(notes.filter((note) => note.includes("every figure is too high"))).toHaveLength(1);
  });

  test("files that do not go together, shared learners and unknown names are refused", async () => {
    const train = await file("a.tsv", lpp(0, 5));
    const data = await file("b.csv", `${AKT}1,7,0,p,a,1\n1,7,1,p,a,0\n`);
    const cases: [MasteryFiles, string[]][] = [
      [{ train, format: "lpp" }, ["elo"]],
      [{ data: train, format: "lpp" }, ["elo"]],
      [{ train, test: train, format: "lpp" }, ["elo"]],
      [{ data, format: "akt", folds: [4] }, ["elo"]],
      [{ data, format: "akt", folds: "all" }, ["elo"]],
      [{ train, test: await file("c.tsv", lpp(1000, 5)), format: "lpp" }, ["telepathy"]],
    ];
    for (const [files, models] of cases)
      expect((await failure(evaluateMasteryFiles(files, { ...options, models }))).code).toBe("BAD_INPUT");
  });
});
