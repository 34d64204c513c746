import { CairnError } from "../../../errors.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import { isUuid, uuidOfName } from "../../import/frameworks/identity.ts";

/** A node as CASE links to it. */
export interface CaseLink {
  readonly title: string;
  readonly identifier: string;
  readonly uri: string;
}

/** A CASE 1.1 package: what `GET {base}/ims/case/v1p1/CFPackages/{id}` answers. */
export interface CasePackage {
  readonly CFDocument: Readonly<Record<string, unknown>>;
  readonly CFItems: readonly Readonly<Record<string, unknown>>[];
  readonly CFAssociations: readonly Readonly<Record<string, unknown>>[];
}

/** What the export of a framework takes. */
export interface CaseExportOptions {
  readonly tenantId: string;
  /** The framework's id in the record. */
  readonly framework: string;
  /** The address under which records without one of their own are named, such as `https://district.example`. */
  readonly base: string;
}

interface FrameworkRow {
  framework: string;
  title: string | null;
  publisher: string | null;
  edition: string | null;
  subject: string | null;
  language: string | null;
  adoption_status: string | null;
  uri: string | null;
  licence: string | null;
  authority: string;
  known_on: string;
}

interface StandardRow {
  standard: string;
  label: string | null;
  subject: string | null;
  code: string | null;
  statement: string | null;
  kind: string | null;
  grades: string[] | null;
  uri: string | null;
  status_ends_on: string | null;
  known_on: string;
}

interface AssociationRow {
  source_record_id: string;
  standard: string;
  kind: string;
  other: string;
  position: number | null;
  known_on: string;
}

/**
 * A framework of the record as a CASE 1.1 package: its standards, their associations, and prerequisites that no association says
 * already as `precedes`. Ids that are no UUID become one, the same at every export.
 * @throws CairnError `NOT_FOUND` when the record has no such framework
 */
export async function exportCasePackage(database: Database, options: CaseExportOptions): Promise<CasePackage> {
  return inTenant(
    database,
    options.tenantId,
    async (tx) => {
      const framework = await readFramework(tx, options.framework);
      const standards = await latest<StandardRow>(tx, "standard", "framework", options.framework);
      const associations = await latest<AssociationRow>(tx, "standard_association", "framework", options.framework);
      const prerequisites = await readPrerequisites(tx, standards, associations);
      const naming = new Naming(options, framework, standards);
      return {
        CFDocument: documentOf(framework, naming),
        CFItems: standards.map((row) => itemOf(row, naming)),
        CFAssociations: [...associations, ...prerequisites].map((row) => associationOf(row, naming)),
      };
    },
    { consistent: true },
  );
}

async function readFramework(tx: TenantTransaction, id: string): Promise<FrameworkRow> {
  const rows = await latest<FrameworkRow>(tx, "framework", "framework", id);
  if (rows[0] === undefined) {
    throw new CairnError("NOT_FOUND", "expected the id of a framework of the record, got one it does not have", {
      hint: "import the framework first",
    });
  }
  return rows[0];
}

/** The versions of a table that hold now, in the order they came. */
async function latest<T extends object>(
  tx: TenantTransaction,
  table: string,
  column: string,
  value: string,
): Promise<T[]> {
  return tx.sql.unsafe<T[]>(
    `select * from (select distinct on (record_key) * from ${table} order by record_key, known_on desc, version_id desc) latest
     where retracted_at is null and ${column} = $1 order by version_id`,
    [value],
  );
}

async function readPrerequisites(
  tx: TenantTransaction,
  standards: readonly StandardRow[],
  associations: readonly AssociationRow[],
): Promise<AssociationRow[]> {
  const said = new Set(
    associations.flatMap(({ kind, standard, other }) => (kind === "precedes" ? [`${standard} ${other}`] : [])),
  );
  const ids = standards.map(({ standard }) => standard);
  const rows = await tx.sql<{ standard: string; requires: string; known_on: string }[]>`
    select standard, requires, known_on from (
      select distinct on (record_key) standard, requires, known_on, retracted_at, version_id from prerequisite
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null and standard = any(${ids}) and requires = any(${ids}) order by version_id`;
  return rows
    .filter(({ standard, requires }) => !said.has(`${requires} ${standard}`))
    .map(({ standard, requires, known_on }) => ({
      source_record_id: `${requires} precedes ${standard}`,
      standard: requires,
      kind: "precedes",
      other: standard,
      position: null,
      known_on,
    }));
}

/** Names every node of the package as CASE wants it. */
class Naming {
  readonly base: string;
  readonly #links = new Map<string, CaseLink>();

  constructor({ base }: CaseExportOptions, framework: FrameworkRow, standards: readonly StandardRow[]) {
    this.base = base.replace(/\/+$/, "");
    const add = (id: string, title: string | null, uri: string | null, part: string): void => {
      const identifier = this.identifier(id);
      this.#links.set(id, { title: title ?? id, identifier, uri: uri ?? this.address(part, identifier) });
    };
    add(framework.framework, framework.title, framework.uri, "CFDocuments");
    for (const { standard, code, label, uri } of standards) add(standard, code ?? label, uri, "CFItems");
  }

  identifier(id: string): string {
    return isUuid(id) ? id : uuidOfName(`${this.base}/standards/${encodeURIComponent(id)}`);
  }

  address(part: string, identifier: string): string {
    return `${this.base}/ims/case/v1p1/${part}/${identifier}`;
  }

  /** The link to a node; one outside the package keeps its id, which CASE allows there. */
  link(id: string): CaseLink {
    return (
      this.#links.get(id) ?? { title: id, identifier: id, uri: id.includes(":") ? id : this.address("CFItems", id) }
    );
  }
}

const moment = (day: string): string => `${day}T00:00:00Z`;

function documentOf(row: FrameworkRow, naming: Naming): Readonly<Record<string, unknown>> {
  const { identifier, uri } = naming.link(row.framework);
  return given({
    identifier,
    uri,
    caseVersion: "1.1",
    creator: row.publisher ?? row.authority,
    title: row.title ?? row.framework,
    lastChangeDateTime: moment(row.known_on),
    publisher: row.publisher,
    subject: row.subject?.split("; "),
    language: row.language,
    version: row.edition,
    adoptionStatus: row.adoption_status,
    licenseURI:
      row.licence === null ? null : { title: row.licence, identifier: uuidOfName(row.licence), uri: row.licence },
  });
}

function itemOf(row: StandardRow, naming: Naming): Readonly<Record<string, unknown>> {
  const { identifier, uri } = naming.link(row.standard);
  return given({
    identifier,
    uri,
    fullStatement: row.statement ?? row.label ?? row.standard,
    humanCodingScheme: row.code,
    abbreviatedStatement: row.label,
    CFItemType: row.kind,
    subject: row.subject?.split("; "),
    educationLevel: row.grades === null || row.grades.length === 0 ? null : row.grades,
    statusEndDate: row.status_ends_on,
    lastChangeDateTime: moment(row.known_on),
  });
}

function associationOf(row: AssociationRow, naming: Naming): Readonly<Record<string, unknown>> {
  const identifier = naming.identifier(row.source_record_id);
  return given({
    identifier,
    associationType: caseType(row.kind),
    uri: naming.address("CFAssociations", identifier),
    originNodeURI: naming.link(row.standard),
    destinationNodeURI: naming.link(row.other),
    sequenceNumber: row.position,
    lastChangeDateTime: moment(row.known_on),
  });
}

const caseTypes = new Set(
  "isChildOf isPeerOf isPartOf exactMatchOf precedes isRelatedTo replacedBy exemplar hasSkillLevel isTranslationOf".split(
    " ",
  ),
);

/** A word of the vocabulary, or an extension of it. */
function caseType(kind: string): string {
  if (caseTypes.has(kind) || kind.startsWith("ext:")) return kind;
  return `ext:${kind.replaceAll(/[^\w.-]+/g, "-")}`;
}

/** The members that have a value: CASE knows no null. */
function given(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined));
}
