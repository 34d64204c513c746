import { csvLine, guardedCell } from "../../records/export/core/csv.ts";
import type { RankedLearner, Ranking } from "./ranking.ts";

const columns: Readonly<Record<string, (entry: RankedLearner) => string | number | null>> = {
  rank: ({ rank }) => rank,
  learner: ({ learner }) => learner,
  name: ({ name }) => name,
  school: ({ school }) => school,
  grade: ({ grade }) => grade,
  probability: ({ probability }) => probability,
  low: ({ low }) => low,
  high: ({ high }) => high,
  abstained: ({ abstained }) => abstained,
  coverage: ({ coverage }) => coverage,
  tied: ({ tied }) => tied,
  reasons: ({ reasons }) => reasons.map(({ words }) => words).join("; "),
  strengths: ({ strengths }) => strengths.map(({ words }) => words).join("; "),
  change: ({ change }) => change?.probability ?? null,
  change_since: ({ change }) => change?.since ?? null,
  tried: ({ tried }) => tried.map(({ name, given }) => `${name} (${given})`).join("; "),
  consider: ({ thriving }) => thriving?.consider.join("; ") ?? null,
};

/**
 * A ranking for a spreadsheet: one line per learner, the columns of the JSON answer with its lists joined by "; ". A text that a
 * spreadsheet would run as a formula is disarmed; numbers are written in full. Begins with a byte-order mark, without which Excel
 * takes the letters of a name for others.
 */
export function rankingCsv({ entries }: Ranking): string {
  const lines = entries.map((entry) => csvLine(Object.values(columns).map((column) => cell(column(entry)))));
  return `\uFEFF${csvLine(Object.keys(columns))}${lines.join("")}`;
}

function cell(value: string | number | null): string | null {
  return typeof value === "string" ? guardedCell(value) : (value?.toString() ?? null);
}
