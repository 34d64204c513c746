import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { ReportProgress } from "../../progress.ts";
import { writeLines } from "../core/lines.ts";
import { assessmentBodies } from "./assessments.ts";
import type { EdFiBodies, RiskFlag } from "./bodies.ts";
import { currentRecords } from "./current.ts";
import { indicatorBodies } from "./indicators.ts";
import { resultBodies } from "./results.ts";

/** What is written where. */
export interface EdFiExportOptions {
  readonly tenantId: string;
  /** The folder the files go to; made when it is not there. */
  readonly path: string;
  /** The naming system whose values are the unique ids of students in the Ed-Fi system: the state's, unless said otherwise. */
  readonly studentIds?: string;
  /** Flags of a model to tell as indicators, by the person they are of. */
  readonly flags?: readonly RiskFlag[];
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** One file of the export. */
export interface EdFiFileCount {
  readonly file: string;
  readonly rows: number;
  /** Records that could not be told, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** What was written. */
export interface EdFiExport {
  readonly files: readonly EdFiFileCount[];
}

/**
 * Writes bodies of the Ed-Fi API (Data Standard 5, which 6 takes as well) as JSONL, one resource a file, each line one POST:
 *
 * - `studentAssessments.jsonl` and `studentGradebookEntries.jsonl`, of current certified records: the API has no place to say
 *   that a record is contributed or derived, so those stay here
 * - `studentEducationOrganizationAssociations.jsonl`, with what a model says as a student indicator that names the model and
 *   calls itself derived. **A POST replaces an association**: put the indicator into the one the system has, do not send it
 *   over it
 *
 * A student without a unique id in the Ed-Fi system is left out and counted. The same records give the same bytes.
 * @throws CairnError `BAD_INPUT` when the place cannot be written to, `CANCELLED`
 */
export function exportEdFi(database: Database, options: EdFiExportOptions): Promise<EdFiExport> {
  return inTenant(database, options.tenantId, (tx) => writeFiles(tx, options), { consistent: true });
}

async function writeFiles(tx: TenantTransaction, options: EdFiExportOptions): Promise<EdFiExport> {
  const { onProgress = () => undefined, studentIds = "state", flags = [] } = options;
  onProgress("gathering current records", 0);
  await tx.sql.unsafe(currentRecords);
  await tx.sql`
    insert into x_unique select person_id, min(value) from x_identifier where system = ${studentIds}
    group by person_id having count(distinct value) = 1 and length(min(value)) <= 32`;
  onProgress("gathering current records", 1);
  const sources: readonly (readonly [string, EdFiBodies])[] = [
    ["studentAssessments", await assessmentBodies(tx)],
    ["studentGradebookEntries", await resultBodies(tx)],
    ["studentEducationOrganizationAssociations", await indicatorBodies(tx, flags)],
  ];
  const files: EdFiFileCount[] = [];
  for (const [i, [resource, bodies]] of sources.entries()) {
    onProgress("writing the bodies", i / sources.length);
    const file = `${resource}.jsonl`;
    const rows = await writeLines(options.path, file, bodies.bodies, options.signal);
    files.push({ file, rows, leftOut: bodies.leftOut });
  }
  onProgress("writing the bodies", 1);
  return { files };
}
