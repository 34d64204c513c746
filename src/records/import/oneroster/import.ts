import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import { buildPersonMap, resolvePeople } from "../core/people.ts";
import type { Meter } from "../core/reader.ts";
import { readRows } from "../core/reader.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { Target } from "../core/targets.ts";
import { importAgents } from "./agents.ts";
import { packageLimits } from "./archive.ts";
import { assignments, categories, results, standardResults } from "./gradebook.ts";
import { resources, userProfiles } from "./kept-rows.ts";
import type { Manifest } from "./manifest.ts";
import { readManifest } from "./manifest.ts";
import type { FileMapping, Mapped } from "./mapping.ts";
import { demographics, personRoles, rawWithoutSecrets, users } from "./mapping.ts";
import type { RosterPackage } from "./package.ts";
import { openPackage } from "./package.ts";
import { restPackage } from "./rest.ts";
import { courses, orgs, sectionEnrolments, sections, terms } from "./rostering.ts";
import { assignmentScales, assignmentStandards, resultScales, scoreScales } from "./scales.ts";
import { deriveEnrolments } from "./school-years.ts";
import { packageTargets } from "./targets.ts";
import { reportUnmentioned } from "./unmentioned.ts";

// What is pointed at comes before what points at it.
const order: readonly FileMapping[] = [
  orgs,
  terms,
  courses,
  sections,
  users,
  personRoles,
  demographics,
  sectionEnrolments,
  categories,
  assignments,
  results,
  standardResults,
  assignmentStandards,
  scoreScales,
  assignmentScales,
  resultScales,
  userProfiles,
  ...resources,
];
/**
 * Imports a OneRoster CSV package, 1.1 or 1.2, bulk or delta, from a zip or a folder, or JSON responses of its REST API that
 * lie there instead. Reads leniently and reports every
 * leniency; refuses rows that cannot be true and keeps them. Records that a later bulk file does not mention stay as they
 * are; a delta's `tobedeleted` takes a record back and erases nothing.
 * @throws CairnError `UNREADABLE_FILE` when the package cannot be read, `NOT_FOUND` for an unknown tenant, `CANCELLED`
 */
export async function importOneRoster(database: Database, options: ImportOptions): Promise<ImportReport> {
  options.onProgress?.("reading the package", 0);
  const opened = await openPackage(options.path, packageLimits);
  try {
    const isRest = (opened.responses ?? []).length > 0;
    const { roster, manifest } = isRest
      ? await restPackage(opened.responses ?? [], opened.sha256)
      : { roster: opened, manifest: await readManifest(opened) };
    if (manifest.modes.size === 0) {
      throw new CairnError(
        "UNREADABLE_FILE",
        "expected OneRoster CSV files such as users.csv in the package, got none",
        {
          hint: "the files must lie in the zip (or folder) itself",
        },
      );
    }
    const sourceSystem = { ...options.source, ...manifest.sourceSystem };
    const delivery = {
      source: sourceSystem.systemCode ?? sourceSystem.systemName ?? "oneroster",
      sourceSystem,
      standard: isRest ? "OneRoster REST" : "OneRoster CSV",
      standardVersion: manifest.version,
      sha256: roster.sha256,
    };
    return await runImport(database, options, delivery, (session) => {
      session.useProfile(isRest ? "oneroster-rest@1" : "oneroster-csv@1");
      return importFiles(session, roster, manifest, options);
    });
  } finally {
    opened.close();
  }
}

async function importFiles(
  session: ImportSession,
  roster: RosterPackage,
  manifest: Manifest,
  options: ImportOptions,
): Promise<void> {
  for (const oddity of [...roster.oddities, ...manifest.oddities]) session.report.lenient("manifest.csv", oddity);
  const total = [...roster.files.values()].reduce((sum, file) => sum + file.bytes, 1);
  let read = 0;
  const meter: Meter = (step, bytes) => {
    read += bytes;
    options.onProgress?.(`reading ${step}`, Math.min(1, read / total));
  };
  await buildPersonMap(session);
  const known = await knownCategories(session);
  const usersRead = new Set<string>();
  for (const mapping of order) {
    const file = roster.files.get(`${mapping.name.toLowerCase()}.csv`);
    if (file === undefined) continue;
    if (file.name !== `${mapping.name}.csv`) session.report.lenient(file.name, "file name in another case");
    const mode = manifest.modes.get(mapping.name.toLowerCase()) ?? "bulk";
    const context = { session, manifest, mode, file: file.name, categories: known, users: usersRead };
    await readRows(
      session,
      file,
      { columns: mapping.columns, required: mapping.required, extensions: ["metadata."] },
      async (row) => {
        const mapped = mapping.map(row, context);
        if (row.problem === undefined) await stageAll(session, mapped);
        if (row.problem === undefined && mapped.length === 0) session.report.counts(file.name).unchanged += 1;
        if (row.problem !== undefined && row.text("password") !== null) {
          await session.refuse(file.name, row.line, row.problem, rawWithoutSecrets(row));
          row.problem = undefined; // refused here: the reader would keep the row with its password
        }
      },
      meter,
    );
    if (mapping === standardResults) await dateStandardResults(session);
    for (const target of targetsOf(mapping))
      await reportUnmentioned(session, target, { file: file.name, mode, ...prefixOf(mapping, target) });
    if (mapping === users) await mergePeople(session);
    else for (const target of targetsOf(mapping)) await session.merge(target);
    // The roles say who is whose guardian: of 1.1 they came with the users.
    if (mapping === rolesFile(roster)) await importAgents(session, usersRead);
  }
  reportUnused(session, roster);
  options.onProgress?.("deriving school years", 1);
  await deriveEnrolments(session);
}

/** Categories that earlier deliveries of this source used. */
async function knownCategories(session: ImportSession): Promise<Map<string, { title: string; weight: number | null }>> {
  const rows = await session.tx.sql<{ id: string; title: string; weight: number | null }[]>`
    select distinct on (category_id) category_id as id, category as title, weight from assignment
    where category is not null and category_id is not null and starts_with(record_key, ${`${session.source}:`})
    order by category_id, known_on desc, version_id desc`;
  return new Map(rows.map(({ id, title, weight }) => [id, { title, weight }]));
}

async function stageAll(session: ImportSession, mapped: readonly Mapped[]): Promise<void> {
  for (const { target, record, secondary } of mapped) {
    const stage = await session.stage(target, { secondary: secondary === true });
    await stage.add(record);
  }
}

async function mergePeople(session: ImportSession): Promise<void> {
  for (const target of [packageTargets.person, packageTargets.identifier]) await (await session.stage(target)).flush();
  await resolvePeople(session);
  for (const target of [packageTargets.identifier, packageTargets.person, packageTargets.personRole])
    await session.merge(target);
}

/** A score on a standard was known when its result was: the file has no date of its own. */
async function dateStandardResults(session: ImportSession): Promise<void> {
  const stage = await session.stage(packageTargets.standardResult);
  await stage.flush();
  await session.tx.sql.unsafe(`
    update ${stage.table} s set own_on = r.known_on
    from (select record_key, min(known_on) as known_on from result group by record_key) r
    where r.record_key = s.result_key and s.own_on is null`);
}

/** The file after which the roles of users are known. */
function rolesFile(roster: RosterPackage): FileMapping {
  return roster.files.has("roles.csv") ? personRoles : users;
}

const targetByFile: Readonly<Record<string, Target>> = {
  orgs: packageTargets.org,
  academicSessions: packageTargets.term,
  courses: packageTargets.course,
  classes: packageTargets.section,
  users: packageTargets.person,
  roles: packageTargets.personRole,
  demographics: packageTargets.demographics,
  enrollments: packageTargets.sectionEnrolment,
  lineItems: packageTargets.assignment,
  results: packageTargets.result,
  resultLearningObjectiveIds: packageTargets.standardResult,
  lineItemLearningObjectiveIds: packageTargets.assignmentStandard,
  scoreScales: packageTargets.scoreScale,
  lineItemScoreScales: packageTargets.scoreScaleUse,
  resultScoreScales: packageTargets.scoreScaleUse,
  userProfiles: packageTargets.keptOfUser,
  userResources: packageTargets.keptOfUser,
  resources: packageTargets.kept,
  classResources: packageTargets.kept,
  courseResources: packageTargets.kept,
};

function targetsOf(mapping: FileMapping): Target[] {
  const target = targetByFile[mapping.name];
  return target === undefined ? [] : [target];
}

/** Several files share these tables; the name of the file begins their ids. */
function prefixOf(mapping: FileMapping, target: Target): { prefix?: string } {
  const shared = target.table === "kept_row" || target.table === "score_scale_use";
  return shared ? { prefix: `${mapping.name}/` } : {};
}

function reportUnused(session: ImportSession, roster: RosterPackage): void {
  for (const [name, file] of roster.files) {
    const stem = name.replace(/\.csv$/, "");
    if (stem === "manifest" || order.some((mapping) => mapping.name.toLowerCase() === stem)) continue;
    session.report.lenient(file.name, "file not read: not a file of OneRoster");
  }
}
