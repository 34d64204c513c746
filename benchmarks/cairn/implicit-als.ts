import { implicitAls } from "../../src/models/playlist/implicit-als/implicit-als.ts";
import { random } from "../../src/numeric/random.ts";
import { serveSide, timed } from "../side.ts";
import { readPreparedLists, testNdcg } from "./lists.ts";

const epochs = 16;

await serveSide(readPreparedLists, (lists) => {
  const timings: Record<string, number> = {};
  const figures: Record<string, number> = {};
  for (const dimensions of [64, 128]) {
    const recipe = implicitAls({ dimensions, epochs, regularization: 0.005 });
    const { seconds, result } = timed(() => recipe.fit(lists.training, { rng: random(1) }));
    timings[`epoch${dimensions}`] = seconds / epochs;
    figures[`ndcg${dimensions}`] = testNdcg(result, lists);
  }
  return { timings, figures };
});
