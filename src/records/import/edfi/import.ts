import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import { buildPersonMap, resolvePeople } from "../core/people.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { Target } from "../core/targets.ts";
import { resolveGuardians } from "../oneroster/guardians.ts";
import { deriveEnrolments } from "../oneroster/school-years.ts";
import { openEdFiFiles } from "./files.ts";
import { Kept } from "./kept.ts";
import type { EdFiRecord, ResourceMapping } from "./mapping.ts";
import { associationCodes } from "./mappings/people.ts";
import { evidence, names, people, school } from "./resources.ts";
import type { Source, Sources } from "./sources.ts";
import { readBodies, surveyFiles } from "./sources.ts";
import { edFiTargets as targets } from "./targets.ts";

/**
 * Imports an Ed-Fi delivery: bodies of the API (Data Standards 4, 5 and 6) as JSON or JSONL, one resource a file, or bulk
 * XML; a folder, a zip or a single file, each file packed by gzip or not. A body that cannot be true is refused and kept,
 * with its file and line; what is there and not read is in the report, with the reason. The same delivery twice changes
 * nothing.
 * @throws CairnError `UNREADABLE_FILE` when there is nothing to read or a file breaks off, `NOT_FOUND` for an unknown tenant,
 * `CANCELLED`
 */
export async function importEdFi(database: Database, options: ImportOptions): Promise<ImportReport> {
  const { onProgress = () => undefined } = options;
  const delivered = await openEdFiFiles(options.path);
  try {
    if (delivered.files.length === 0) {
      throw new CairnError("UNREADABLE_FILE", "expected JSON, JSONL or XML files of Ed-Fi, got none of them", {
        hint: "name each JSON file after its resource, such as students.jsonl",
      });
    }
    const sources = await surveyFiles(delivered.files, (_, share) => onProgress("looking through the files", share));
    onProgress("looking through the files", 1);
    const sourceSystem = options.source ?? {};
    const delivery = {
      source: sourceSystem.systemCode ?? sourceSystem.systemName ?? "ed-fi",
      sourceSystem,
      standard: "Ed-Fi",
      standardVersion: `Data Standard ${sources.version}`,
      sha256: delivered.sha256,
    };
    return await runImport(database, options, delivery, (session) => importSources(session, sources, onProgress));
  } finally {
    delivered.close();
  }
}

async function importSources(
  session: ImportSession,
  sources: Sources,
  onProgress: (step: string, fraction: number) => void,
): Promise<void> {
  session.useProfile("ed-fi@1");
  for (const { file, reason, count } of sources.unread) session.report.lenient(file, reason, count);
  await buildPersonMap(session);
  const reader = new Reader(session, sources, await Kept.load(session), onProgress);
  for (const mapping of school) await reader.importResource(mapping);
  await importPeople(session, reader);
  for (const mapping of evidence) await reader.importResource(mapping);
  onProgress("reading the resources", 1);
  await deriveEnrolments(session);
}

/** People of all resources, with what other systems call them, are resolved together and then merged. */
async function importPeople(session: ImportSession, reader: Reader): Promise<void> {
  for (const mapping of people) await reader.stageResource(mapping);
  for (const mapping of names) await reader.stageResource(mapping, { quietly: mapping === associationCodes });
  for (const target of [targets.person, targets.identifier]) await (await session.stage(target)).flush();
  await resolvePeople(session);
  for (const target of [targets.person, targets.identifier, targets.demographics]) await session.merge(target);
}

/** Reads resources one after the other and merges what came of each. */
class Reader {
  readonly #session: ImportSession;
  readonly #sources: Sources;
  readonly #kept: Kept;
  readonly #onProgress: (step: string, fraction: number) => void;
  readonly #reads: number;
  #done = 0;

  constructor(
    session: ImportSession,
    sources: Sources,
    kept: Kept,
    onProgress: (step: string, fraction: number) => void,
  ) {
    this.#session = session;
    this.#sources = sources;
    this.#kept = kept;
    this.#onProgress = onProgress;
    const all = [...school, ...people, ...names, ...evidence];
    this.#reads = all.reduce((sum, { resource }) => sum + (sources.byResource.get(resource)?.length ?? 0), 0);
  }

  /** Reads every file of a resource and merges its records. */
  async importResource(mapping: ResourceMapping): Promise<void> {
    if (!this.#sources.byResource.has(mapping.resource)) return;
    await this.stageResource(mapping);
    for (const target of mapping.targets) {
      if (target.table === targets.guardianship.table)
        await resolveGuardians(this.#session, target, { cell: "contactReference", refuses: true });
      await this.#session.merge(target);
    }
  }

  /** Stages the records of a resource; `quietly`: the files are counted by another reading. */
  async stageResource(mapping: ResourceMapping, { quietly = false } = {}): Promise<void> {
    for (const source of this.#sources.byResource.get(mapping.resource) ?? []) {
      await this.#stageSource(mapping, source, quietly);
      this.#done += 1;
    }
  }

  async #stageSource(mapping: ResourceMapping, source: Source, quietly: boolean): Promise<void> {
    const { report } = this.#session;
    let bytes = 0;
    const onBytes = (more: number): void => {
      bytes += more;
      const share = Math.min(1, bytes / Math.max(1, source.file.bytes));
      this.#onProgress("reading the resources", Math.min(0.99, (this.#done + share) / Math.max(1, this.#reads)));
    };
    const context = { session: this.#session, file: source.label, kept: this.#kept };
    const counts = quietly ? undefined : report.counts(source.label);
    let rows = 0;
    for await (const body of readBodies(source, report, this.#session.timeZone, onBytes)) {
      if (++rows % 1_000 === 0) this.#session.check();
      if (counts !== undefined) counts.rows += 1;
      const records = body.problem === undefined ? mapping.map(body, context) : [];
      if (body.problem !== undefined) {
        if (!quietly) await this.#session.refuse(source.label, body.line, body.problem, body.raw);
        continue;
      }
      const counted = await this.#stageRecords(records, quietly ? undefined : mapping.targets[0]);
      // A body that leaves nothing to be counted by the merge has been read all the same.
      if (counts !== undefined && !counted) counts.unchanged += 1;
    }
  }

  /** Stages the records of a body; the first one of the counted target stands for the body in the report. */
  async #stageRecords(records: readonly EdFiRecord[], countedBy: Target | undefined): Promise<boolean> {
    let counted = false;
    for (const { target, record } of records) {
      const counts: boolean = !counted && target.table === countedBy?.table;
      counted ||= counts;
      const stage = await this.#session.stage(target);
      await stage.add({ ...record, counts });
    }
    return counted;
  }
}
