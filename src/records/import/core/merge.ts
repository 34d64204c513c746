import type { TenantTransaction } from "../../database.ts";
import type { ReportBuilder } from "./report.ts";
import type { Stage } from "./staging.ts";
import type { Standing } from "./standing.ts";
import { classUnder } from "./standing.ts";
import type { Reference, Target } from "./targets.ts";

/** What a merge needs of the import it is part of. */
export interface MergeContext {
  readonly tx: TenantTransaction;
  readonly report: ReportBuilder;
  readonly authority: string;
  /** What the source may say: records that a system of record would certify are contributed by any other. */
  readonly standing: Standing;
  readonly batchId: string;
  /** ISO 8601, and its day. */
  readonly receivedAt: string;
  readonly receivedOn: string;
  /** Whether the rows of this target stand for rows of a file. */
  readonly counted: (target: Target) => boolean;
  /** Called when a stage is merged and its table gone. */
  readonly forget: (stage: Stage) => void;
}

/**
 * The one way into the record tables: staged rows become new versions where their content differs from the version known
 * by then; equal content adds nothing, so a batch that comes twice changes nothing.
 *
 * When it was known: the source's last change, but not before the version it follows; else, for a record seen for the first
 * time, its own recording date, else the receipt; a change that the source does not date was learnt at the receipt.
 */
export async function mergeStage(session: MergeContext, stage: Stage): Promise<void> {
  await stage.flush();
  if (stage.rows === 0) return;
  const { sql } = session.tx;
  const { target } = stage;
  const merged = `merged_${target.table}`;
  await sql.unsafe(`analyze ${stage.table}`);
  await sql.unsafe(
    `create temp table ${merged} on commit drop as ${judged(session, stage, await hasRows(session, target))}`,
  );
  await reportRefusals(session, merged, stage);
  await sql.unsafe(insertion(session, merged, stage));
  await countRows(session, merged, stage);
  await sql.unsafe(`drop table ${merged}, ${stage.table}`);
  session.forget(stage);
}

// Many rows go in by their keys: the index on them then grows page after page and not everywhere at once.
const manyRows = 10_000;

async function hasRows(session: MergeContext, target: Target): Promise<boolean> {
  const rows = await session.tx.sql.unsafe(`select 1 from ${target.table} limit 1`);
  return rows.length > 0;
}

/** Every staged row with its person, its references and its verdict. */
function judged(session: MergeContext, stage: Stage, lookBack: boolean): string {
  const { target } = stage;
  const references = target.references ?? [];
  const payload = Object.keys(target.columns).map((name) => resolvedColumn(name, references));
  const received = `${literal(session.receivedOn)}::date`;
  // What came later is the later word, also with an earlier day, unless that day is before the one the newest version names: a
  // delta dated last month corrects a bulk file that came yesterday and named no day.
  const dated = lookBack
    ? "case when newest.modified_on > s.modified_on or s.modified_on is null then s.modified_on else greatest(s.modified_on, newest.known_on) end"
    : "s.modified_on";
  const bound = `coalesce(${dated}, greatest(s.own_on, ${received}))`;
  return `
    select s.ordinal, s.file, s.line, s.record_key, s.source_record_id, s.content_hash,
      s.modified_on as source_day, ${dated} as modified_on, s.own_on, s.valid_from, s.valid_to, s.retracted, s.source_version, s.verification, s.counts,
      ${target.person === undefined ? "" : "known.person_id, known.people,"}
      ${payload.map((column) => `${column},`).join(" ")}
      ${references.map((reference, i) => `s.${reference.column} is not null and ref${i}.record_key is null as dangling_${i},`).join(" ")}
      first.content_hash as first_hash, first.line as first_line,
      ${lookBack ? "prior.version_id as prior_version, prior.content_hash as prior_hash, ever.found is not null as known_before" : "null::bigint as prior_version, null::text as prior_hash, false as known_before"}
    from ${stage.table} s
    left join (
      select distinct on (record_key) record_key, ordinal, line, content_hash from ${stage.table}
      where record_key in (select record_key from ${stage.table} group by record_key having count(*) > 1)
      order by record_key, ordinal
    ) first on first.record_key = s.record_key and first.ordinal < s.ordinal
    ${target.person === undefined ? "" : "left join person_map known on known.system = s.person_system and known.value = s.person_ref"}
    ${references.map((reference, i) => referenceJoin(reference, i, stage)).join("\n")}
    ${
      lookBack
        ? `left join lateral (
      select known_on, modified_on from ${target.table} t where t.record_key = s.record_key
      order by known_on desc, version_id desc limit 1
    ) newest on true
    left join lateral (
      select version_id, content_hash from ${target.table} t
      where t.record_key = s.record_key and t.known_on <= ${bound}
      order by known_on desc, version_id desc limit 1
    ) prior on true
    left join lateral (select true as found from ${target.table} t where t.record_key = s.record_key limit 1) ever on true`
        : ""
    }`;
}

/** A reference by the source's id is replaced by the key it stands for. */
function resolvedColumn(name: string, references: readonly Reference[]): string {
  const i = references.findIndex(
    (reference) => reference.column === name && reference.by === "source_record_id" && reference.keepsId !== true,
  );
  return i === -1 ? `s."${name}"` : `coalesce(ref${i}.key, s."${name}") as "${name}"`;
}

function referenceJoin(reference: Reference, i: number, stage: Stage): string {
  // A record may point at one of its own kind that comes in the same file, such as a term at its school year.
  const own =
    reference.table === stage.target.table ? ` union all select record_key, source_record_id from ${stage.table}` : "";
  const all = `(select record_key, source_record_id from ${reference.table}${own}) as every`;
  return `left join (select ${reference.by} as record_key, min(record_key) as key from ${all} group by ${reference.by}) ref${i}
    on ref${i}.record_key = s."${reference.column}"`;
}

/** The first thing wrong with a judged row, as (code, column, reason); null when it may go in. */
function faults(target: Target): { condition: string; code: string; column: string | null; reason: string }[] {
  const found = [];
  if (target.person !== undefined) {
    const { cell } = target.person;
    found.push(
      {
        condition: "person_id is null",
        code: "DANGLING",
        column: cell,
        reason: `expected the id of a person in the record, got one that nobody there has`,
      },
      {
        condition: "people > 1",
        code: "AMBIGUOUS",
        column: cell,
        reason: `expected the id of one person, got one that several persons have`,
      },
    );
  }
  (target.references ?? []).forEach((reference, i) => {
    if (!reference.required) return;
    found.push({
      condition: `dangling_${i}`,
      code: "DANGLING",
      column: reference.cell,
      reason: `expected the id of a record in ${reference.table}, got one that is not there`,
    });
  });
  return found;
}

const duplicate = "first_hash is not null and first_hash <> content_hash";

function goodRow(target: Target): string {
  const bad = [duplicate, ...faults(target).map((fault) => fault.condition)];
  return bad.map((condition) => `not coalesce(${condition}, false)`).join(" and ");
}

async function reportRefusals(session: MergeContext, merged: string, stage: Stage): Promise<void> {
  const { target } = stage;
  const cases = faults(target);
  const pick = (value: (fault: (typeof cases)[number]) => string, otherwise: string) =>
    cases.length === 0
      ? otherwise
      : `case ${cases.map((fault) => `when ${fault.condition} then ${value(fault)}`).join(" ")} else ${otherwise} end`;
  await session.tx.sql.unsafe(`
    insert into refusal (file, line, "column", code, reason, raw)
    select file, line,
      ${pick((fault) => (fault.column === null ? "null" : literal(fault.column)), "null")},
      ${pick((fault) => literal(fault.code), "'DUPLICATE'")},
      ${pick((fault) => literal(fault.reason), "'expected an id that occurs once, got one that line ' || first_line || ' has with other contents'")},
      raw
    from (
      select * from ${merged} where not (${goodRow(target)})
      -- The rest of a row that waits already waits with it.
      and (counts or not exists (select 1 from refusal r where r.file = ${merged}.file and r.line = ${merged}.line))
    ) bad join (select ordinal as place, raw from ${stage.table}) told on told.place = bad.ordinal
    order by ordinal`);
  for (const [i, reference] of (target.references ?? []).entries()) {
    if (reference.required) continue;
    const rows = await session.tx.sql.unsafe<{ file: string; count: number }[]>(
      `select file, count(*)::int as count from ${merged} where dangling_${i} group by file`,
    );
    for (const { file, count } of rows) {
      session.report.lenient(
        file,
        `${reference.cell}: points at a record of ${reference.table} that is not there`,
        count,
      );
    }
  }
}

function insertion(session: MergeContext, merged: string, stage: Stage): string {
  const { target } = stage;
  const columns = Object.keys(target.columns);
  const late = target.lateColumns ?? [];
  const received = `${literal(session.receivedOn)}::date`;
  const undated = "known_before and modified_on is null";
  const payload = columns.map((name) =>
    late.includes(name)
      ? `case when ${undated} then greatest("${name}", case when "${name}" is null then null else ${received} end) else "${name}" end`
      : `"${name}"`,
  );
  const names = [...(target.person === undefined ? [] : ["person_id"]), ...columns].map((name) => `"${name}"`);
  const values = [...(target.person === undefined ? [] : ["person_id"]), ...payload];
  return `
    insert into ${target.table} (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
      modified_on, received_at, valid_from, valid_to, supersedes, retracted_at, source_version, raw_ref, verification, ${names.join(", ")})
    select ${literal(session.tx.tenantId)}, record_key, content_hash, ${literal(classUnder(session.standing, target.class))}, ${literal(session.authority)},
      ${literal(session.batchId)}, source_record_id,
      case when ${undated} then greatest(own_on, ${received}) else coalesce(modified_on, own_on, ${received}) end,
      source_day, ${literal(session.receivedAt)}::timestamptz, valid_from, valid_to, prior_version,
      case when retracted then ${literal(session.receivedAt)}::timestamptz end,
      source_version, file || '#' || line, verification, ${values.join(", ")}
    from ${merged}
    where first_hash is null and ${goodRow(target)} and (prior_hash is null or prior_hash <> content_hash)
    order by ${stage.rows > manyRows ? "record_key" : "ordinal"}`;
}

async function countRows(session: MergeContext, merged: string, stage: Stage): Promise<void> {
  const { target } = stage;
  if (!session.counted(target)) return;
  const records = `
    select file, line, counts, known_before, first_hash is not null as repeated, ${goodRow(target)} as good,
      prior_hash is null or prior_hash <> content_hash as differs
    from ${merged}`;
  // A row of several records is new, changed or refused when one of them is.
  const judged = stage.several
    ? `select file, bool_and(known_before or not differs) as known_before, bool_and(repeated) as repeated, bool_and(good) as good,
        bool_or(differs and not repeated) as differs
      from (${records}) record group by file, line having bool_or(counts)`
    : records;
  const rows = await session.tx.sql.unsafe<
    { file: string; added: number; changed: number; unchanged: number; repeated: number; refused: number }[]
  >(`
    select file,
      count(*) filter (where good and not repeated and not known_before)::int as added,
      count(*) filter (where good and not repeated and known_before and differs)::int as changed,
      count(*) filter (where good and (repeated or (known_before and not differs)))::int as unchanged,
      count(*) filter (where good and repeated)::int as repeated,
      count(*) filter (where not good)::int as refused
    from (${judged}) judged group by file`);
  for (const row of rows) {
    const counts = session.report.counts(row.file);
    counts.new += row.added;
    counts.changed += row.changed;
    counts.unchanged += row.unchanged;
    counts.refused += row.refused;
    session.report.lenient(row.file, "identical row repeated", row.repeated);
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
