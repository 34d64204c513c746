import { CairnError } from "../../../errors.ts";
import type { ImportSession } from "../core/session.ts";

/** A row on its way into a record table, every column by name; what the database itself gives is not in it. */
export type IncomingRow = Readonly<Record<string, unknown>> & {
  readonly record_key: string;
  readonly content_hash: string;
  readonly class: "certified" | "contributed" | "derived";
  readonly known_on: string;
};

/** How rows that are vouched for one by one go in. */
export interface MergeOptions {
  /** Who sends them: only the same channel supersedes a certified version. */
  readonly channel: string;
  /** Equal content is the same version whenever it was learnt: for documents that say themselves what they are. */
  readonly undated?: boolean;
  /** The name the rows are counted under in the report. */
  readonly file: string;
}

interface KnownVersion {
  readonly recordKey: string;
  readonly contentHash: string;
  readonly knownOn: string;
  readonly class: string;
  readonly channel: string | null;
}

/**
 * Adds versions of records that carry their own class and day of knowledge. A version that is here already changes nothing. A
 * certified version is superseded by its own channel alone, and never by one that is not certified; certifying what was
 * contributed before is a new version. Rows that may not go in are refused and kept, like those of every import.
 * @throws CairnError `BAD_INPUT` when a value does not fit its column
 */
export async function mergeRows(
  session: ImportSession,
  table: string,
  rows: readonly IncomingRow[],
  options: MergeOptions,
): Promise<void> {
  if (rows.length === 0) return;
  const known = grouped(await knownVersions(session, table, rows), ({ recordKey }) => recordKey);
  const counts = session.report.counts(options.file);
  const taken: IncomingRow[][] = [];
  for (const [recordKey, versions] of grouped(rows, (row) => row.record_key)) {
    const here = known.get(recordKey) ?? [];
    const fresh: IncomingRow[] = [];
    for (const row of versions) {
      counts.rows += 1;
      if (here.some((version) => sameVersion(version, row, options))) counts.unchanged += 1;
      else if (mayFollow(here, row, options.channel)) fresh.push(row);
      else await session.refuse(options.file, counts.rows, superseding, JSON.stringify({ table, ...row }));
    }
    counts[here.length === 0 ? "new" : "changed"] += fresh.length;
    fresh.forEach((row, i) => {
      taken[i] ??= [];
      taken[i].push(row);
    });
  }
  // A version names the one before it, so the first versions of all records go in before any second.
  for (const round of taken) await insert(session, table, round);
}

const superseding = {
  column: "record_key",
  code: "DUPLICATE",
  reason: "expected a version that may follow the one that is here, got one of another sender or of less standing",
} as const;

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

async function knownVersions(
  session: ImportSession,
  table: string,
  rows: readonly IncomingRow[],
): Promise<KnownVersion[]> {
  const keys = [...new Set(rows.map((row) => row.record_key))];
  const found = await session.tx.sql.unsafe<KnownVersion[]>(
    `select record_key as "recordKey", content_hash as "contentHash", known_on::text as "knownOn", class,
       verification ->> 'channel' as channel
     from "${table}" where record_key = any($1::text[]) order by known_on, version_id`,
    [keys],
  );
  return [...found];
}

function sameVersion(version: KnownVersion, row: IncomingRow, { undated = false }: MergeOptions): boolean {
  if (version.contentHash !== row.content_hash) return false;
  // What is certified here is not asked again by somebody who cannot certify it.
  if (version.class !== row.class && !(version.class === "certified" && row.class === "contributed")) return false;
  return undated || version.knownOn === row.known_on;
}

function mayFollow(here: readonly KnownVersion[], row: IncomingRow, channel: string): boolean {
  const certified = here.filter((version) => version.class === "certified");
  if (certified.length === 0) return true;
  return row.class === "certified" && certified.every((version) => version.channel === channel);
}

async function insert(session: ImportSession, table: string, rows: readonly IncomingRow[]): Promise<void> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => column !== "supersedes");
  const list = columns.map((column) => `"${column}"`).join(", ");
  try {
    await session.tx.sql.unsafe(
      `insert into "${table}" (tenant_id, batch_id, received_at, supersedes, ${list})
       select $1, $2, $3::timestamptz, (
         select version_id from "${table}" t where t.record_key = r.record_key order by known_on desc, version_id desc limit 1
       ), ${columns.map((column) => `r."${column}"`).join(", ")}
       from jsonb_populate_recordset(null::"${table}", $4::text::jsonb) r`,
      [session.tx.tenantId, session.batchId, session.receivedAt, JSON.stringify(rows)],
    );
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === undefined || !/^2[23]/.test(code)) throw cause;
    throw new CairnError(
      "BAD_INPUT",
      `expected rows that fit the table ${table}, got a value that does not (${code})`,
      {
        hint: "the sender may run a later version of cairn; nothing was taken",
        cause,
      },
    );
  }
}
