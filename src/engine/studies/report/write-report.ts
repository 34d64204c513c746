import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { roundedBy } from "../disclosure/coding.ts";
import type { StudyPlan } from "../plan-shape.ts";
import type { StudyReport } from "../run-study.ts";
import { htmlReport, type Registration } from "./html.ts";

/** Where a report was written. */
export interface WrittenReport {
  readonly page: string;
  readonly numbers: string;
}

/**
 * Writes the report as a page (report.html) and its numbers as a table (estimates.csv).
 * @param folder - made when it is not there
 */
export async function writeReport(
  report: StudyReport,
  plan: StudyPlan,
  registration: Registration,
  folder: string,
): Promise<WrittenReport> {
  await mkdir(folder, { recursive: true });
  const written = { page: join(folder, "report.html"), numbers: join(folder, "estimates.csv") };
  await writeFile(written.page, htmlReport(report, plan, registration));
  await writeFile(written.numbers, estimatesTable(report));
  return written;
}

/** One line per estimate, to the second digit of its standard error. */
export function estimatesTable({ estimates }: StudyReport): string {
  return stringify(
    estimates.map((row) => {
      const error = row.se ?? Number.NaN;
      const number = (value: number | null | undefined): string =>
        value === null || value === undefined ? "" : roundedBy(value, error);
      return {
        estimator: row.estimator,
        part: row.part ?? "",
        estimand: row.estimand,
        effect: number(row.effect),
        se: number(row.se),
        df: row.df === null ? "" : row.df.toFixed(1),
        low: number(row.ci?.[0]),
        high: number(row.ci?.[1]),
        p: row.p === null ? "" : row.p.toPrecision(3),
        g: row.effectSize === null ? "" : row.effectSize.g.toFixed(3),
        standardError: row.standardError,
        cautions: row.cautions.join(" "),
      };
    }),
    { header: true },
  );
}
