import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

const folder = mkdtempSync(join(tmpdir(), "cairn-evaluate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const triples = join(folder, "triples.tsv");
writeFileSync(
  triples,
  Array.from({ length: 900 }, (_, i) => [i % 30, Math.floor(i / 30) * 2 + (i % 2), 1, 5000 + ((i * 37) % 900)])
    .map((cells) => cells.join("\t"))
    .join("\n"),
);

/** What the command writes to stdout. */
async function evaluate(...args: string[]): Promise<string> {
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  try {
    await createProgram().parseAsync(["evaluate", "playlist", ...args], { from: "user" });
  } finally {
    spy.mockRestore();
  }
  return written.join("");
}

test("one JSON document with the figures of every asked model, at every asked cut-off", async () => {
  const options = ["--data", triples, "--format", "triples", "--split", "recbole", "--seed", "2", "--at", "5,10"];
  const answer = JSON.parse(await evaluate(...options, "--models", "popularity,ease,ials", "--json"));
  expect(answer.rows).toMatchObject({ train: 720, valid: 90, test: 90 });
  expect(Object.keys(answer.models)).toEqual(["popularity", "ease", "ials"]);
  for (const model of Object.values<Record<string, unknown>>(answer.models)) {
    for (const metric of ["ndcg", "recall", "hitRate"])
      expect(Object.keys(model[metric] as object)).toEqual(["5", "10"]);
    for (const metric of ["mrr", "coverage", "novelty", "gini", "fitSeconds"])
      expect(model[metric]).toBeTypeOf("number");
  }
  expect(answer.models.ials.secondsPerEpoch).toBeTypeOf("number");
  expect(Object.keys(answer.models)).toContain(answer.best);
});

test("a table for people, the best model marked", async () => {
  const table = await evaluate(
    "--data",
    triples,
    "--format",
    "triples",
    "--split",
    "temporal",
    "--models",
    "popularity",
  );
  expect(table).toMatch(/NDCG@10/);
  expect(table).toMatch(/popularity \*/);
});

test("the best model's lists by group, exposure by kind, and the refit: for machines and for people", async () => {
  const [groups, kinds] = [join(folder, "groups.tsv"), join(folder, "kinds.tsv")];
  writeFileSync(
    groups,
    Array.from({ length: 30 }, (_, user) => `${user}\t${user % 2 === 0 ? "even" : "odd"}`).join("\n"),
  );
  writeFileSync(kinds, Array.from({ length: 60 }, (_, item) => `${item}\t${item < 30 ? "text" : "video"}`).join("\n"));
  const options = ["--data", triples, "--format", "triples", "--split", "recbole", "--models", "ease", "--refit"];
  const audit = ["--groups", groups, "--item-groups", kinds];
  const answer = JSON.parse(await evaluate(...options, ...audit, "--json"));
  expect(answer.refitted.ndcg["10"]).toBeTypeOf("number");
  expect(Object.keys(answer.subgroups.groups)).toEqual(["even", "odd"]);
  const { exposure } = answer.subgroups.groups.even;
  expect(exposure.text.share + exposure.video.share).toBeCloseTo(1, 9);
  const words = await evaluate(...options, ...audit);
  expect(words).toMatch(/ease fitted anew on training and validation items: NDCG@10 [01]\.\d{4}/);
  expect(words).toMatch(/even: 15 users/);
  expect(words).toMatch(/video: \d+\.\d % of the places/);
});

test("options that do not go together are refused", async () => {
  const refused = (...args: string[]): Promise<void> =>
    expect(evaluate(...args)).rejects.toMatchObject({ code: "BAD_INPUT" });
  await refused("--format", "lists", "--data", triples);
  await refused("--format", "triples", "--data", triples);
  await refused("--format", "triples", "--split", "recbole", "--train", triples);
  await refused("--format", "triples", "--split", "recbole", "--data", triples, "--item-groups", triples);
});
