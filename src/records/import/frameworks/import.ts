import type { Database } from "../../database.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { StagedRecord } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";
import { AcyclicGraph } from "./acyclic.ts";
import { openFramework } from "./open.ts";
import type { FrameworkPackage, FrameworkPart, Placed, StandardReference } from "./package.ts";
import type { KnownStandard, StandardIndex } from "./standard-index.ts";
import { readPrerequisites, readStandardIndex } from "./standard-index.ts";
import { frameworkTargets } from "./targets.ts";

/**
 * Imports standards, their order and the activities that teach them (see {@link openFramework} for what is read). An edge that
 * would close a cycle among the prerequisites, those already in the record included, or a loop in the tree is refused by name.
 * @throws CairnError `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importFramework(database: Database, options: ImportOptions): Promise<ImportReport> {
  const { name, files, content } = await openFramework(options.path);
  const sourceSystem = options.source ?? {};
  const delivery = {
    source: sourceSystem.systemCode ?? sourceSystem.systemName ?? content.source,
    sourceSystem,
    standard: content.standard,
    standardVersion: content.version,
    sha256: await fingerprint(files),
  };
  return runImport(database, options, delivery, (session) => new FrameworkImport(session, name, content).run());
}

/** One framework on its way in: standards first, since everything else points at them. */
class FrameworkImport {
  readonly #session: ImportSession;
  readonly #name: string;
  readonly #content: FrameworkPackage;

  constructor(session: ImportSession, name: string, content: FrameworkPackage) {
    this.#session = session;
    this.#name = name;
    this.#content = content;
  }

  async run(): Promise<void> {
    const { report } = this.#session;
    for (const [what, count] of this.#content.leniencies) report.lenient(this.#name, what, count);
    for (const fault of this.#content.faults) {
      report.counts(this.#file(fault.part)).rows += 1;
      await this.#session.refuse(this.#file(fault.part), fault.line, fault, fault.raw);
    }
    await this.#frameworks();
    await this.#standards();
    await this.#associations();
    const index = await readStandardIndex(this.#session.tx);
    await this.#prerequisites(index);
    await this.#related(index);
    await this.#activities(index);
  }

  async #frameworks(): Promise<void> {
    for (const entry of this.#content.frameworks) {
      const { id, title, publisher, edition, subject, language, adoptionStatus, uri, licence } = entry;
      const values = [id, title, publisher, edition, subject, language, adoptionStatus, uri, licence];
      await this.#add(frameworkTargets.framework, "framework", entry, { id, modifiedOn: entry.modifiedOn, values });
    }
    await this.#session.merge(frameworkTargets.framework);
  }

  async #standards(): Promise<void> {
    const joined = this.#content.joinedByCode ? await readStandardIndex(this.#session.tx) : undefined;
    for (const entry of this.#content.standards) {
      if (joined !== undefined && joined.find({ code: entry.id }).length > 0) {
        const counts = this.#session.report.counts(this.#file("standards"));
        counts.rows += 1;
        counts.unchanged += 1; // another framework's standard already
        continue;
      }
      if (joined !== undefined) this.#lenient("codes that no standard of the record has: they stand for themselves");
      const { id, label, subject, grades, framework, code, statement, kind, uri, statusEndsOn } = entry;
      const grade = grades.length === 1 ? grades[0]! : null;
      const values = [id, label, subject, grade, framework, code, statement, kind, grades, uri, statusEndsOn];
      await this.#add(frameworkTargets.standard, "standards", entry, { id, modifiedOn: entry.modifiedOn, values });
    }
    await this.#session.merge(frameworkTargets.standard);
  }

  async #associations(): Promise<void> {
    const tree = new AcyclicGraph();
    for (const entry of this.#content.associations) {
      const { id, standard, kind, other, framework, position } = entry;
      if (kind === "isChildOf" && !tree.add(other, standard)) {
        await this.#refuseCycle("associations", entry, standard, other, "a tree");
        continue;
      }
      const values = [standard, kind, other, framework, position];
      await this.#add(frameworkTargets.association, "associations", entry, {
        id,
        modifiedOn: entry.modifiedOn,
        values,
      });
    }
    await this.#session.merge(frameworkTargets.association);
  }

  async #prerequisites(index: StandardIndex): Promise<void> {
    const order = new AcyclicGraph();
    for (const { standard, requires } of await readPrerequisites(this.#session.tx)) order.add(requires, standard);
    for (const entry of this.#content.prerequisites) {
      for (const [standard, requires] of pairs(index, entry.standard, entry.requires)) {
        if (!order.add(requires, standard))
          await this.#refuseCycle("prerequisites", entry, standard, requires, "an order");
        else {
          const record = { id: `${standard} requires ${requires}`, modifiedOn: null, values: [standard, requires] };
          await this.#add(frameworkTargets.prerequisite, "prerequisites", entry, record);
        }
      }
    }
    await this.#session.merge(frameworkTargets.prerequisite);
  }

  async #related(index: StandardIndex): Promise<void> {
    for (const entry of this.#content.related) {
      for (const [one, other, framework] of pairs(index, entry.one, entry.other)) {
        const record = {
          id: `${one} isRelatedTo ${other}`,
          modifiedOn: null,
          values: [one, "isRelatedTo", other, framework, null],
        };
        await this.#add(frameworkTargets.association, "related", entry, record);
      }
    }
    await this.#session.merge(frameworkTargets.association);
  }

  async #activities(index: StandardIndex): Promise<void> {
    for (const entry of this.#content.activities) {
      const { id, title, modality, minutes, topics, language, uri, masteryScore, moveOn } = entry;
      const ties = entry.alignments.flatMap(({ kind, standard, framework }) => {
        const found = index.find(standard);
        if (found.length === 0) this.#lenient("alignments with a standard the record does not have: kept as named");
        return (found.length === 0 ? [nameOf(standard)] : found.map((known) => known.standard)).map((named) => ({
          kind,
          standard: named,
          framework: found.find((known) => known.standard === named)?.framework ?? framework,
        }));
      });
      const first = ties.find(({ kind }) => kind === "teaches") ?? ties.find(({ kind }) => kind === "assesses");
      const values = [
        id,
        title,
        first?.standard ?? null,
        modality,
        minutes,
        topics,
        language,
        uri,
        masteryScore,
        moveOn,
      ];
      await this.#add(frameworkTargets.activity, "activities", entry, { id, modifiedOn: null, values });
      for (const { kind, standard, framework } of ties) {
        const record = { id: `${id} ${kind} ${standard}`, modifiedOn: null, values: [id, standard, kind, framework] };
        await this.#add(frameworkTargets.alignment, "alignments", entry, record);
      }
    }
    await this.#session.merge(frameworkTargets.activity);
    await this.#session.merge(frameworkTargets.alignment);
  }

  async #add(
    target: Target,
    part: FrameworkPart,
    { line, raw }: Placed,
    record: Pick<StagedRecord, "id" | "modifiedOn" | "values">,
  ): Promise<void> {
    this.#session.report.counts(this.#file(part)).rows += 1;
    const stage = await this.#session.stage(target);
    await stage.add({ file: this.#file(part), line, raw, ownDate: null, ...record });
  }

  async #refuseCycle(
    part: FrameworkPart,
    entry: Placed,
    standard: string,
    needed: string,
    what: string,
  ): Promise<void> {
    this.#session.report.counts(this.#file(part)).rows += 1;
    const reason = `expected ${what} without a cycle, got an edge that closes one: ${standard} after ${needed}`;
    await this.#session.refuse(this.#file(part), entry.line, { column: null, code: "BAD_VALUE", reason }, entry.raw);
  }

  #lenient(what: string): void {
    this.#session.report.lenient(this.#name, what);
  }

  #file(part: FrameworkPart): string {
    return `${this.#name}: ${part}`;
  }
}

/**
 * The pairs of standards two references mean: one pair in every framework that has both; where no framework has, the first
 * standard each of them means, or its name.
 */
function pairs(
  index: StandardIndex,
  one: StandardReference,
  other: StandardReference,
): readonly (readonly [string, string, string | null])[] {
  const left = index.find(one);
  const right = index.find(other);
  const partner = (known: KnownStandard) => right.find((candidate) => candidate.framework === known.framework);
  const within = left.flatMap((known) => {
    const found = partner(known);
    return found === undefined ? [] : [[known.standard, found.standard, known.framework] as const];
  });
  if (within.length > 0) return within;
  return [[left[0]?.standard ?? nameOf(one), right[0]?.standard ?? nameOf(other), null]];
}

function nameOf({ id, uri, code }: StandardReference): string {
  return id ?? uri ?? code ?? "";
}
