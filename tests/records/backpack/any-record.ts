import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import fc from "fast-check";
import type { Database } from "../../../src/records/database.ts";
import { inTenant } from "../../../src/records/database.ts";
import { travellingTables } from "../../../src/records/export/backpack/tables.ts";
import * as schema from "../../../src/records/schema/index.ts";

/** Rows by table, as they are written into a record. */
export type AnyRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

interface Column {
  readonly name: string;
  readonly columnType: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly enumValues?: readonly string[] | undefined;
  readonly getSQLType: () => string;
}

const tables = new Map(
  Object.values<unknown>(schema)
    .filter((table) => is(table, PgTable))
    .map((table) => [getTableName(table), Object.values(getTableColumns(table)) as unknown as Column[]]),
);

// PostgreSQL holds no NUL in a text, and half of a surrogate pair is no character.
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\u0000")),
  fc.constantFrom("=1+1", "<b>&\"'</b>", "a\nb\tc", "  ", "did:key:no", "zażółć 🙂", "-3", "\\N"),
);
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const anyDay = fc
  .date({ min: new Date("2019-01-01"), max: new Date("2026-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const anyMoment = fc
  .date({ min: new Date("2019-01-01"), max: new Date("2026-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 23));
// A few names for everything, so that records name each other.
const anyKey = fc.integer({ min: 0, max: 3 }).map((n) => `sis:${n}`);
const anyName = fc.constantFrom("a", "b", "c");

function anyValue(column: Column): fc.Arbitrary<unknown> {
  const type = column.getSQLType();
  if (type.endsWith("[]")) return fc.array(/_keys$/.test(column.name) ? anyKey : anyName, { maxLength: 3 });
  if (column.enumValues !== undefined && column.enumValues.length > 0) return fc.constantFrom(...column.enumValues);
  if (/_key$/.test(column.name)) return anyKey;
  if (["standard", "framework", "activity", "intervention"].includes(column.name)) return anyName;
  if (type === "text") return anyText;
  if (type === "double precision") return anyNumber;
  if (type === "integer" || type === "bigint") return fc.integer();
  if (type === "boolean") return fc.boolean();
  if (type === "date") return anyDay;
  if (type === "timestamp") return anyMoment;
  if (type === "timestamp with time zone") return anyMoment.map((moment) => `${moment}Z`);
  if (type === "jsonb") return fc.dictionary(anyName, fc.oneof(anyText, anyNumber, fc.boolean(), fc.array(anyName)));
  throw new Error(`no values for a column of the type ${type}: add them here`);
}

const fromElsewhere = [
  "tenant_id",
  "version_id",
  "person_id",
  "batch_id",
  "record_key",
  "content_hash",
  "supersedes",
  "verification",
];

function rowOf(table: string): fc.Arbitrary<Record<string, unknown>> {
  const columns = tables.get(table)!.filter(({ name }) => !fromElsewhere.includes(name));
  const values = columns.map((column): [string, fc.Arbitrary<unknown>] => {
    const value = anyValue(column);
    return [column.name, column.notNull ? value : fc.option(value, { freq: 4 })];
  });
  return fc.record(Object.fromEntries(values));
}

/** Any record of one learner: some rows of every table that travels, with versions, that name each other. */
export const anyRecord: fc.Arbitrary<AnyRows> = fc
  .tuple(
    ...travellingTables.map(({ name }) =>
      fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), rowOf(name)), {
        minLength: name === "person" ? 1 : 0,
        maxLength: 4,
      }),
    ),
  )
  .map((lists) =>
    Object.fromEntries(
      travellingTables.map(({ name }, i) => [
        name,
        lists[i]!.map(([key, row], ordinal) => ({
          ...row,
          record_key: `sis:${key}`,
          content_hash: `${name}${key}${ordinal}`,
        })),
      ]),
    ),
  );

/** Writes rows into a district's record as its own. */
export async function writeRows(database: Database, tenantId: string, personId: string, rows: AnyRows): Promise<void> {
  await inTenant(database, tenantId, async ({ sql }) => {
    for (const [table, list] of Object.entries(rows)) {
      if (list.length === 0) continue;
      const own = tables.get(table)!.some(({ name }) => name === "person_id") ? { person_id: personId } : {};
      const full = list.map((row) => ({ ...row, ...own, batch_id: "batch", tenant_id: tenantId }));
      const columns = [...new Set(full.flatMap((row) => Object.keys(row)))].map((name) => `"${name}"`).join(", ");
      await sql.unsafe(
        `insert into "${table}" (${columns}) select ${columns} from jsonb_populate_recordset(null::"${table}", $1::text::jsonb)`,
        [JSON.stringify(full)],
      );
    }
  });
}
