import { literal } from "../core/merge.ts";
import { sourcedIdSystem } from "../core/people.ts";
import type { ImportSession } from "../core/session.ts";
import { stageName } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";

/** How guardians are looked up. */
export interface GuardianLookup {
  /** The column or field that names the guardian. */
  readonly cell: string;
  /**
   * Whether a row of a file is about nothing but the guardian: then it is refused when nobody has the id; else the rest of
   * the row goes in and the report says how many guardians were not found.
   */
  readonly refuses: boolean;
}

/**
 * Puts the person for the source's id of each staged guardian. A guardian nobody knows, or whose id several people have, does
 * not go in: nobody may come to hold the rights to a child's record by a guess.
 */
export async function resolveGuardians(
  session: ImportSession,
  target: Target,
  { cell, refuses }: GuardianLookup,
): Promise<void> {
  await (await session.stage(target)).flush();
  const { sql } = session.tx;
  const stage = stageName(target);
  const system = literal(sourcedIdSystem(session.source));
  const lost = `not exists (select 1 from person_map m where m.system = ${system} and m.value = s.guardian_id and m.people = 1)`;
  const files = await sql.unsafe<{ file: string; count: number }[]>(
    `select file, count(*)::int as count from ${stage} s where ${lost} group by file`,
  );
  for (const { file, count } of files) {
    if (refuses) session.report.counts(file).refused += count;
    else session.report.lenient(file, `${cell}: points at a person who is not there`, count);
  }
  if (refuses) {
    await sql.unsafe(`
      insert into refusal (file, line, "column", code, reason, raw)
      select file, line, ${literal(cell)}, 'DANGLING',
        'expected the id of a guardian in the record, got one that nobody there has', raw
      from ${stage} s where ${lost} order by ordinal`);
  }
  await sql.unsafe(`
    delete from ${stage} s where ${lost};
    update ${stage} s set guardian_id = m.person_id from person_map m where m.system = ${system} and m.value = s.guardian_id`);
}
