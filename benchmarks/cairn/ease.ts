import { toInteractions } from "../../datasets/recsys/movielens.ts";
import { ease } from "../../src/models/playlist/ease.ts";
import { random } from "../../src/numeric/random.ts";
import { serveSide, timed } from "../side.ts";
import { readPreparedLists } from "./lists.ts";

const mostDone = 3_000;

await serveSide(
  async (folder) => {
    const { train, training } = await readPreparedLists(folder);
    const counts = new Float64Array(training.activities.length);
    for (const item of training.activityIdx) counts[item]! += 1;
    const kept = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, mostDone);
    const place = new Map(kept.map((item, i) => [item, i]));
    const rows = train.map((row) =>
      Int32Array.from([...row].flatMap((item) => (place.has(item) ? [place.get(item)!] : []))).sort(),
    );
    return toInteractions(kept.map(String), rows);
  },
  (interactions) => {
    const recipe = ease({ regularization: 1_000 });
    const { seconds, result } = timed(() => recipe.fit(interactions, { rng: random(1) }));
    const scores = new Float64Array(interactions.activities.length);
    result.score({ activityIdx: Int32Array.of(0, 1, 2) }, scores);
    return { timings: { fit: seconds }, figures: { trace: scores.reduce((sum, score) => sum + Math.abs(score), 0) } };
  },
);
