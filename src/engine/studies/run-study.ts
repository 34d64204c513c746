import { DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { clusterDifference } from "../../models/study/cluster-difference.ts";
import { differenceInMeans } from "../../models/study/difference-in-means.ts";
import type { EffectRow, Trial } from "../../models/study/trial.ts";
import { random } from "../../numeric/random.ts";
import type { StudyPlan } from "./plan.ts";

/** What a study found: estimates, and what became of the rows. */
export interface StudyReport {
  readonly question: string;
  readonly design: StudyPlan["design"];
  readonly legalBasis: string;
  readonly estimates: readonly EffectRow[];
  /** Rows of the file, rows of neither arm, and per arm how many were assigned and how many have an outcome. */
  readonly sample: {
    readonly rows: number;
    readonly ofNeitherArm: number;
    readonly treatment: { readonly assigned: number; readonly analysed: number };
    readonly comparison: { readonly assigned: number; readonly analysed: number };
  };
}

/**
 * Runs a plan on a file: the intention-to-treat effect by the plan's design. Learners without an outcome are left out of the
 * estimate and counted as attrition of their arm.
 * @param path - CSV separated by commas, with a header; also gzipped, when its name ends in .gz
 * @throws CairnError `UNREADABLE_FILE`, `BAD_INPUT` for columns that are not there or outcomes that are not numbers
 */
export async function runStudy(plan: StudyPlan, path: string): Promise<StudyReport> {
  const rows = await readRows(plan, path);
  const arms = rows.filter(({ arm }) => arm === plan.treatment.treated || arm === plan.treatment.comparison);
  const analysed = arms.filter((row) => row.outcome !== null);
  const count = (of: readonly Row[], arm: string): number => of.filter((row) => row.arm === arm).length;
  const trial = toTrial(plan, analysed);
  const recipe =
    plan.design === "cluster-trial"
      ? clusterDifference({ level: plan.level })
      : differenceInMeans({ level: plan.level });
  const fitted = recipe.fit(trial, { rng: random(0) }); // both estimators are exact: no random number is drawn
  return {
    question: plan.question,
    design: plan.design,
    legalBasis: plan.legalBasis,
    estimates: [fitted.row],
    sample: {
      rows: rows.length,
      ofNeitherArm: rows.length - arms.length,
      treatment: { assigned: count(arms, plan.treatment.treated), analysed: count(analysed, plan.treatment.treated) },
      comparison: {
        assigned: count(arms, plan.treatment.comparison),
        analysed: count(analysed, plan.treatment.comparison),
      },
    },
  };
}

interface Row {
  readonly arm: string | null;
  readonly outcome: number | null;
  readonly cluster: string | null;
  /** Of the file; line 1 is the header. */
  readonly line: number;
}

function toTrial(plan: StudyPlan, rows: readonly Row[]): Trial {
  const outcome = Float64Array.from(rows, (row) => row.outcome!);
  const treatment = Uint8Array.from(rows, (row) => (row.arm === plan.treatment.treated ? 1 : 0));
  if (plan.clusters === undefined) return { outcome, treatment };
  const ids = new Map<string, number>();
  const cluster = Int32Array.from(rows, (row) => {
    if (row.cluster === null) {
      throw new CairnError(
        "BAD_INPUT",
        `expected every analysed row to name its cluster, got an empty cell in line ${row.line}`,
        {
          hint: `fill the column "${plan.clusters!.column}"`,
        },
      );
    }
    const id = ids.get(row.cluster) ?? ids.size;
    ids.set(row.cluster, id);
    return id;
  });
  return { outcome, treatment, cluster };
}

async function readRows(plan: StudyPlan, path: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const file = path.replaceAll("'", "''");
    // The dialect is said, not guessed: a guess that fits most rows would read the others wrongly without a word.
    const source = `read_csv('${file}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', skip = 0)`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`).catch(unreadable);
    const columns = new Set(described.getRows().map(([column]) => String(column)));
    const wanted = [
      plan.treatment.column,
      plan.outcome.column,
      ...(plan.clusters === undefined ? [] : [plan.clusters.column]),
    ];
    for (const column of wanted) {
      if (!columns.has(column)) {
        // The names found are not repeated: in a file without a header they are somebody's data.
        throw new CairnError("BAD_INPUT", `expected a column "${column}", got ${columns.size} columns without it`, {
          hint: "compare the plan with the file's first line, which must name the columns",
        });
      }
    }
    const quoted = (column: string): string => `"${column.replaceAll('"', '""')}"`;
    const cluster = plan.clusters === undefined ? "NULL" : quoted(plan.clusters.column);
    const result = await connection
      .runAndReadAll(
        `SELECT ${quoted(plan.treatment.column)}, ${quoted(plan.outcome.column)}, ${cluster} FROM ${source}`,
      )
      .catch(unreadable);
    return (result.getRows() as (string | null)[][]).map(([arm, outcome, id], index) => ({
      arm: arm ?? null,
      outcome: toNumber(outcome ?? null, plan.outcome.column, index + 2),
      cluster: id === null || id === undefined || id.trim() === "" ? null : id,
      line: index + 2,
    }));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The reader's own words quote the line they stumbled over: only its number is kept. */
function unreadable(error: unknown): never {
  const line = /\bLine: (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  const where = line === undefined ? "" : ` in line ${line}`;
  throw new CairnError("UNREADABLE_FILE", `expected a CSV file with a header, got one that cannot be read${where}`, {
    hint: "check the path, that cells are separated by commas, and that every row has as many as the header",
  });
}

const missing: ReadonlySet<string> = new Set(["", "NA", "NULL", "NaN"]);

function toNumber(text: string | null, column: string, line: number): number | null {
  if (text === null || missing.has(text.trim())) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a number in column "${column}", line ${line}, got a text of ${text.length} characters`,
      {
        hint: "leave the cell empty when the outcome is missing",
      },
    );
  }
  return value;
}
