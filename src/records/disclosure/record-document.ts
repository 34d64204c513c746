import type { DataClass, PersonTable } from "../consent/data-classes.ts";
import { choosableClasses, sensitiveTables, tableClasses } from "../consent/data-classes.ts";
import type { TenantTransaction } from "../database.ts";

/** One row of the record, as the reader gets it: its own columns, where it comes from, and the words that travel with it. */
export type RecordRow = Readonly<Record<string, unknown>>;

/** The rows of a learner by table, newest version of each, in a fixed order. */
export type RecordTables = Readonly<Record<string, readonly RecordRow[]>>;

/** Columns that say how cairn keeps a version, not what it says. */
const bookkeeping = ["tenant_id", "version_id", "content_hash", "batch_id", "supersedes", "retracted_at", "raw_ref"];

/** Columns that name the learner although the table is of another class: left out where the reader may not know her name. */
const naming: Readonly<Partial<Record<PersonTable, readonly string[]>>> = {
  statement: ["document", "agents", "related"],
  credential: ["document"],
  provider_document: ["agent", "content"],
};

/**
 * The rows of a learner that a reader may see.
 * @param ids - every id of the learner
 * @param allowed - the classes the reader may see
 */
export async function recordTables(
  tx: TenantTransaction,
  ids: readonly string[],
  allowed: ReadonlySet<DataClass>,
): Promise<RecordTables> {
  const annotations = await annotationsOf(tx, ids);
  const tables: Record<string, RecordRow[]> = {};
  for (const name of Object.keys(tableClasses) as PersonTable[]) {
    const classes = classesOf(name).filter((one) => allowed.has(one) && choosableClasses.includes(one));
    if (classes.length === 0) continue;
    const hidden = allowed.has("identity") ? [] : (naming[name] ?? []);
    const rows = await tx.sql.unsafe<{ class: DataClass; row: Record<string, unknown> }[]>(
      rowsQuery(name, [...bookkeeping, ...hidden]),
      [[...ids]],
    );
    const seen = rows.flatMap(({ class: own, row }) => (classes.includes(own) ? [row] : []));
    if (seen.length > 0) tables[name] = seen.map((row) => withWords(row, annotations.get(`${name} ${row.record_key}`)));
  }
  const results = tables.result?.map(({ record_key: key }) => String(key)) ?? [];
  if (results.length > 0) {
    const rows = await tx.sql.unsafe<{ row: Record<string, unknown> }[]>(
      `select to_jsonb(t) - '{${bookkeeping.join(",")}}'::text[] as row from (
         select distinct on (record_key) * from public.standard_result where result_key = any($1)
         order by record_key, known_on desc, version_id desc
       ) t where retracted_at is null order by record_key`,
      [results],
    );
    if (rows.length > 0) {
      tables.standard_result = rows.map(({ row }) =>
        withWords(row, annotations.get(`standard_result ${row.record_key}`)),
      );
    }
  }
  return allowed.has("identity") ? tables : withoutNumbers(tables);
}

/**
 * Record keys hold what the source calls the learner (`flat:1001|…`). Who may not know her name gets numbers of this document
 * instead, the same wherever a row points at another; a hash would not do: numbers of learners can be tried out.
 */
function withoutNumbers(tables: RecordTables): RecordTables {
  const numbers = new Map<unknown, string>();
  for (const row of Object.values(tables).flat()) numbers.set(row.record_key, `record-${numbers.size + 1}`);
  const renumbered = (row: RecordRow): RecordRow =>
    Object.fromEntries(
      Object.entries(row).flatMap(([column, value]) =>
        column === "source_record_id"
          ? []
          : [[column, column.endsWith("_key") ? (numbers.get(value) ?? value) : value]],
      ),
    );
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.map(renumbered)]));
}

function classesOf(name: PersonTable): DataClass[] {
  return sensitiveTables[name] === undefined ? [tableClasses[name]] : [tableClasses[name], "screeners"];
}

/** Newest versions only; a record that a later version gave to somebody else is not this learner's. */
function rowsQuery(name: PersonTable, hidden: readonly string[]): string {
  const own = `'${tableClasses[name]}'`;
  const sensitive = sensitiveTables[name];
  const ofRow = sensitive === undefined ? own : `case when ${sensitive} then 'screeners' else ${own} end`;
  const shown = `select ${ofRow} as class, to_jsonb(t) - '{${hidden.join(",")}}'::text[] as row`;
  if (name === "provider_document") {
    return `${shown} from public.provider_document t where person_id = any($1) order by kind, activity, registration, document_id`;
  }
  return `${shown} from (
      select distinct on (record_key) * from public.${name}
      where record_key in (select record_key from public.${name} where person_id = any($1))
      order by record_key, known_on desc, version_id desc
    ) t where person_id = any($1) and retracted_at is null order by record_key`;
}

interface Words {
  readonly kind: string;
  readonly text: string;
  readonly onDate: string;
}

/** The newest words beside each record: disputes, statements of disagreement, notes. */
async function annotationsOf(tx: TenantTransaction, ids: readonly string[]): Promise<Map<string, Words[]>> {
  const rows = await tx.sql<(Words & { subject: string })[]>`
    select record_table || ' ' || subject_key as subject, kind, text, on_date as "onDate" from (
      select distinct on (record_key) * from annotation where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null order by version_id`;
  const words = new Map<string, Words[]>();
  for (const { subject, ...word } of rows) words.set(subject, [...(words.get(subject) ?? []), word]);
  return words;
}

function withWords(row: RecordRow, words: readonly Words[] | undefined): RecordRow {
  return words === undefined ? row : { ...row, annotations: words };
}
