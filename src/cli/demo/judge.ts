import type { PlaylistVerdict, RankingVerdict } from "../../../datasets/synthetic/judge.ts";
import { judgePlaylists, judgeRanking } from "../../../datasets/synthetic/judge.ts";
import { readTruth } from "../../../datasets/synthetic/truth.ts";
import type { Ranking } from "../../engine/early-warning/ranking.ts";

/** The school year under way in the synthetic district. */
const YEAR = "2025-26";

/** What the known truth says of the demo's ranking and playlists. */
export interface Verdict {
  readonly ranking: RankingVerdict;
  readonly playlists: PlaylistVerdict;
}

/** Holds the demo's answers against the truth that was kept aside. */
export async function judge(
  district: string,
  ranking: Ranking,
  playlists: ReadonlyMap<string, readonly string[]>,
  capacity: number,
  seed: string,
): Promise<Verdict> {
  const truth = await readTruth(district);
  const scores = new Map(
    ranking.entries.flatMap(({ learner, probability }) =>
      probability === null ? [] : [[learner, probability] as const],
    ),
  );
  return {
    ranking: judgeRanking(truth, YEAR, scores, capacity),
    playlists: judgePlaylists(truth, playlists, seed),
  };
}
