import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import * as schema from "../../schema/index.ts";

/** A row of a record table as JSON, by column. */
export type RecordRow = Readonly<Record<string, unknown>>;

const columns: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values<unknown>(schema)
    .filter((table) => is(table, PgTable))
    .map((table) => [getTableName(table), Object.values(getTableColumns(table)).map(({ name }) => name)]),
);

/** The columns of a record table. */
export function columnsOf(table: string): readonly string[] {
  return columns.get(table) ?? [];
}

/** The names of all tables of the schema. */
export const schemaTables: readonly string[] = [...columns.keys()];

/** Whether a record key or an authority is of another district, or of this one as others name it. */
export const foreignName = /^(did:key:z6Mk[1-9A-HJ-NP-Za-km-z]+)[|#]/;

/**
 * A row as other districts read it. Inside a district a record key begins with a source system, and two districts may well
 * use the same one: outside, the district's DID stands before it (`did:key:…|sis:q1`), and the authority and the naming
 * systems of persons say whose they are in the same way. What came from elsewhere has such a name already and keeps it on its
 * way through any number of districts.
 * @param district - the DID of the district's first signing key
 */
export function outwardRow(district: string, table: string, row: RecordRow): RecordRow {
  const add = (prefix: string) => (name: string) => (foreignName.test(name) ? name : prefix + name);
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (column === "authority") return [column, texts(value, add(`${district}#`))];
      if (table === "identifier" && column === "system")
        return [column, texts(value, (name) => outwardSystem(name, district))];
      return [column, /_keys?$/.test(column) ? texts(value, add(`${district}|`)) : value];
    }),
  );
}

/** The state's number is one number in every district; all other numbers mean something only where they were given. */
function outwardSystem(system: string, district: string): string {
  return system === "state" || /@did:key:z6Mk\w+$/.test(system) ? system : `${system}@${district}`;
}

/** The key this district itself has for a record that others name by its DID; undefined when the record is not of this district. */
export function ownKey(district: string, name: string): string | undefined {
  return name.startsWith(`${district}|`) ? name.slice(district.length + 1) : undefined;
}

function texts(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value === "string") return rename(value);
  return Array.isArray(value) ? value.map((item) => texts(item, rename)) : value;
}
