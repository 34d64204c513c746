import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { roundedBy } from "../disclosure/coding.ts";
import { type Published, publishedParts } from "../disclosure/published.ts";
import { checkRelease, writeArchive } from "../disclosure/release-archive.ts";
import type { StudyPlan } from "../plan-shape.ts";
import type { StudyReport } from "../run-study.ts";
import { htmlReport, type Registration } from "./html.ts";

/** Where a report was written. */
export interface WrittenReport {
  readonly page: string;
  readonly numbers: string;
}

/**
 * Writes the report as a page (report.html) and its numbers as a table (estimates.csv), after the tables in them were suppressed and
 * audited.
 * @param folder - made when it is not there
 * @param release - the file the report was made from, and the archive of the study's releases to check it against and add it to
 * @throws CairnError `FORBIDDEN` when the report would tell of a few learners, by itself or beside an earlier one; nothing is written then
 */
export async function writeReport(
  report: StudyReport,
  plan: StudyPlan,
  registration: Registration,
  folder: string,
  release?: { readonly data: string; readonly archive: string },
): Promise<WrittenReport> {
  const published = publishedParts(report, plan);
  const archive = release && (await checkRelease(release.archive, plan, report.provenance.planHash, release.data));
  await mkdir(folder, { recursive: true });
  const written = { page: join(folder, "report.html"), numbers: join(folder, "estimates.csv") };
  await writeFile(written.page, htmlReport(report, plan, registration, published));
  await writeFile(written.numbers, estimatesTable(report, published));
  if (release !== undefined && archive !== undefined) await writeArchive(release.archive, archive);
  return written;
}

/** One line per estimate, to the second digit of its standard error. */
export function estimatesTable({ estimates, sample }: StudyReport, { losses }: Published): string {
  // Degrees of freedom are the analysed less the columns: beside the assigned they tell who was lost.
  const showDegrees = losses || !("treatment" in sample);
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
        df: row.df === null || !showDegrees ? "" : row.df.toFixed(1),
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
