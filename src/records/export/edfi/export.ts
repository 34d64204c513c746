import { rm } from "node:fs/promises";
import { join } from "node:path";
import { uses } from "../../consent/uses.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { Release, ReleasedLearner } from "../../disclosure/release.ts";
import { logRelease, showReleased } from "../../disclosure/release.ts";
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
  /** Who gets them and why: no bodies leave without their lines in the record of disclosures. */
  readonly release: Release;
  /** The naming system whose values are the unique ids of students in the Ed-Fi system: the state's, unless said otherwise. */
  readonly studentIds?: string;
  /**
   * Flags of a model to tell as indicators, by the person they are of. They rest on more kinds of data than a family can be asked
   * about one by one: where the basis is consent or directory information, none leaves.
   */
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
  /** Learners the bodies tell of, each with a line in her record of disclosures. */
  readonly learners: number;
  /** Learners left out because their families said no, or did not say yes where it needs a yes. */
  readonly leftOut: number;
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
 * A student without a unique id in the Ed-Fi system is left out and counted. Who is told of follows from the release
 * ({@link showReleased}); each has a line in the record of disclosures, written in the same transaction. The same records give the
 * same bytes.
 * @throws CairnError `BAD_INPUT` when the place cannot be written to or nobody is named who gets them, `FORBIDDEN` as
 * {@link showReleased}, `CANCELLED`
 */
export function exportEdFi(database: Database, options: EdFiExportOptions): Promise<EdFiExport> {
  return inTenant(database, options.tenantId, (tx) => writeFiles(tx, options), { consistent: true });
}

async function writeFiles(tx: TenantTransaction, options: EdFiExportOptions): Promise<EdFiExport> {
  const { onProgress = () => undefined, studentIds = "state" } = options;
  onProgress("gathering current records", 0);
  const release = await showReleased(tx, options.release);
  await tx.sql.unsafe(currentRecords);
  await tx.sql`
    insert into x_unique select person_id, min(value) from x_identifier where system = ${studentIds}
    group by person_id having count(distinct value) = 1 and length(min(value)) <= 32`;
  onProgress("gathering current records", 1);
  const { basis } = uses[release.purpose];
  const flags = basis === "consent" || basis === "directory" ? [] : (options.flags ?? []);
  const indicators = await indicatorBodies(tx, flags);
  const sources: readonly (readonly [string, EdFiBodies])[] = [
    ["studentAssessments", await assessmentBodies(tx)],
    ["studentGradebookEntries", await resultBodies(tx)],
    ["studentEducationOrganizationAssociations", indicators],
  ];
  const files: EdFiFileCount[] = [];
  try {
    for (const [i, [resource, bodies]] of sources.entries()) {
      onProgress("writing the bodies", i / sources.length);
      const file = `${resource}.jsonl`;
      const rows = await writeLines(options.path, file, bodies.bodies, options.signal);
      files.push({ file, rows, leftOut: bodies.leftOut });
    }
    const told = await learnersTold(tx, indicators.people);
    const { disclosed, leftOut } = await logRelease(tx, release, told, "bodies of the Ed-Fi API");
    onProgress("writing the bodies", 1);
    return { files, learners: disclosed, leftOut };
  } catch (cause) {
    // What is not written down does not leave.
    await Promise.all(files.map(({ file }) => rm(join(options.path, file), { force: true })));
    throw cause;
  }
}

/** The learners the bodies tell of, with the kinds of data they hold of each; every body names her unique id and her school. */
function learnersTold(tx: TenantTransaction, flagged: readonly string[]): Promise<ReleasedLearner[]> {
  return tx.sql<ReleasedLearner[]>`
    select person_id as "personId", array_agg(distinct data_class order by data_class) as "dataClasses" from (
      select r.person_id, unnest(array['identity', 'assessments']) as data_class
      from x_assessment_result r join x_assessment a on a.record_key = r.assessment_key
      where r.class = 'certified' and not a.sensitive
      union all
      select r.person_id, unnest(array['identity', 'grades']) from x_result r
      join x_assignment a on a.record_key = r.assignment_key where r.class = 'certified'
      union all
      select person_id, unnest(array['identity', 'enrolment']) from unnest(${[...flagged]}::text[]) as f(person_id)
    ) told where person_id in (select person_id from x_unique) group by person_id order by person_id`;
}
