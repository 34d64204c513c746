import type { FeatureMatrix } from "../../numeric/matrix.ts";

/** What speaks for offering a learner more, such as an evaluation for gifted services or a course of the next grade. */
export interface Thriving {
  readonly consider: readonly ("gifted evaluation" | "acceleration")[];
  readonly evidence: readonly string[];
}

const TOP_PEERS = 0.9; // of one's own school and grade: local norms find learners whom national ones miss
const TOP_PERCENTILE = 90;
const HIGHEST_PERCENTILE = 95; // what districts commonly ask of a screening test
const MASTERED = 0.9;
const FEWEST_STANDARDS = 5;

/**
 * A rule, not a model: no district labels who ought to have been offered more, and who was identified is who was looked at. A learner
 * is flagged by two kinds of evidence out of three (course work among the top tenth of the peers, a test at or above the 90th percentile,
 * nine tenths of the standards met so far mastered), or by a test at or above the 95th alone; acceleration is worth considering where
 * a test of mathematics is that high and the standards are mastered. Missing evidence speaks neither for nor against.
 * @param matrix - the features of the learners; columns that are not there count as missing
 * @returns a look-up by row; null for who is not flagged
 * @see Peters, Rambo-Hernandez, Makel, Matthews and Plucker (2019), AERA Open 5(2), on local norms; a committee decides, not a list
 */
export function thrivingOf(matrix: FeatureMatrix): (row: number) => Thriving | null {
  const columns = new Map(matrix.columns.map(({ name, values }) => [name, values]));
  const value = (name: string, row: number): number => columns.get(name)?.[row] ?? Number.NaN;
  return (row) => {
    const evidence: string[] = [];
    const work = value("score_mean_rank", row);
    if (work >= TOP_PEERS) evidence.push(`course work above ${Math.floor(100 * work)} % of the peers`);
    const tests = (["mathematics", "english"] as const).map((subject) => ({
      subject,
      percentile: value(`${subject}_percentile`, row),
    }));
    const high = tests.filter(({ percentile }) => percentile >= TOP_PERCENTILE);
    for (const { subject, percentile } of high)
      evidence.push(`${subject} test at percentile ${Math.floor(percentile)}`);
    const mastered = value("standards_mastered_share", row);
    const masters = mastered >= MASTERED && value("standards_seen", row) >= FEWEST_STANDARDS;
    if (masters) evidence.push(`${Math.floor(100 * mastered)} % of the standards met so far mastered`);
    const kinds = Number(work >= TOP_PEERS) + Number(high.length > 0) + Number(masters);
    const highest = high.some(({ percentile }) => percentile >= HIGHEST_PERCENTILE);
    if (kinds < 2 && !highest) return null;
    const ahead = masters && value("mathematics_percentile", row) >= HIGHEST_PERCENTILE;
    return { consider: ["gifted evaluation", ...(ahead ? (["acceleration"] as const) : [])], evidence };
  };
}
