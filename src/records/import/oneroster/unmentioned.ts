import type { ImportSession } from "../core/session.ts";
import { stageName } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";
import type { FileMode } from "./manifest.ts";

/**
 * Reports how many records of earlier deliveries of this source a bulk file no longer mentions. They stay as they are: what
 * is present is updated, and only what is marked is taken back. A school that exports one building by mistake would
 * otherwise take every other child's record back; the number says that somebody should look.
 */
export async function reportUnmentioned(
  session: ImportSession,
  target: Target,
  { file, mode, prefix = "" }: { file: string; mode: FileMode; prefix?: string },
): Promise<void> {
  if (mode !== "bulk") return;
  await (await session.stage(target)).flush();
  const [found] = await session.tx.sql.unsafe<{ count: number }[]>(
    `select count(*)::int as count from (
       select distinct on (record_key) record_key, retracted_at from ${target.table}
       where starts_with(record_key, $1) order by record_key, known_on desc, version_id desc
     ) newest where retracted_at is null and not exists (select 1 from ${stageName(target)} s where s.record_key = newest.record_key)`,
    [`${session.source}:${prefix}`],
  );
  session.report.lenient(
    file,
    "records of earlier deliveries that this bulk file does not mention: kept as they are",
    found!.count,
  );
}
