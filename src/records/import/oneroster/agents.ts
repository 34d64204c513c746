import { literal } from "../core/merge.ts";
import { sourcedIdSystem } from "../core/people.ts";
import type { ImportSession } from "../core/session.ts";
import { stageColumns, stageName } from "../core/staging.ts";
import { resolveGuardians } from "./guardians.ts";
import { packageTargets } from "./targets.ts";

const target = packageTargets.guardianship;

/**
 * Turns what `agentSourcedIds` say into guardianships, once the roles are known: the column ties two users without saying
 * which of them looks after the other. The child is the one who is a student, the guardian the one who is a parent, guardian
 * or relative; ties between others are no guardianship. When both users' rows are in a delivery and neither names the other
 * any more, or the row alone whose word the tie was, as in a delta, the guardianship is taken back: rights to a child's record
 * do not outlive what the school says.
 */
export async function importAgents(session: ImportSession, users: ReadonlySet<string>): Promise<void> {
  const { sql } = session.tx;
  const stage = await session.stage(target, { secondary: true });
  await stage.flush();
  const system = literal(sourcedIdSystem(session.source));
  const name = stageName(target);
  await sql.unsafe(`
    create temp table agent_role on commit drop as
    select m.value as ref, bool_or(r.role = 'student') as is_student,
      min(r.role) filter (where r.role in ('parent', 'guardian', 'relative')) as relation
    from person_map m join (
      select * from (
        select distinct on (record_key) * from person_role order by record_key, known_on desc, version_id desc
      ) newest where retracted_at is null
    ) r on r.person_id = m.person_id
    where m.system = ${system} group by m.value;
    -- A guardian's own row may name the children: turned round.
    update ${name} s set person_ref = s.guardian_id, guardian_id = s.person_ref
    from agent_role own, agent_role other
    where own.ref = s.person_ref and other.ref = s.guardian_id
      and own.relation is not null and not own.is_student and other.is_student;
    update ${name} s set relation = r.relation from agent_role r where r.ref = s.guardian_id`);
  const others = await sql.unsafe<{ file: string; count: number }[]>(`
    with gone as (
      delete from ${name} s where s.relation is null
        or not exists (select 1 from agent_role r where r.ref = s.person_ref and r.is_student) returning file
    ) select file, count(*)::int as count from gone group by file`);
  for (const { file, count } of others)
    session.report.lenient(
      file,
      "agentSourcedIds: a tie that is not of a student and a parent, guardian or relative",
      count,
    );
  await sql.unsafe(`
    update ${name} s set source_record_id = s.person_ref || '/guardian/' || s.guardian_id,
      record_key = ${literal(session.source)} || ':' || s.person_ref || '/guardian/' || s.guardian_id,
      content_hash = md5(s.person_ref || ' ' || s.guardian_id || ' ' || s.relation || ' ' || s.retracted);
    drop table agent_role`);
  await resolveGuardians(session, target, { cell: "agentSourcedIds", refuses: false });
  await takeBack(session, users);
  await session.merge(target);
}

/**
 * Stages the end of guardianships that the users' rows no longer name. Whose word a tie was is known where that user's own
 * version came from the same row of the same delivery.
 */
async function takeBack(session: ImportSession, users: ReadonlySet<string>): Promise<void> {
  const { sql } = session.tx;
  const name = stageName(target);
  const said = [...users];
  const columns = [...Object.keys(stageColumns), ...Object.keys(target.columns)].map((column) => `"${column}"`);
  const taken = await sql.unsafe(
    `insert into ${name} (${columns.join(", ")})
     select 1000000000 + row_number() over (order by record_key), 'users.csv', 0, '', record_key, source_record_id,
       md5(record_key || ' taken back'), $1, split_part(source_record_id, '/guardian/', 1), null, null, null, null, true,
       guardian_id, relation
     from (
       select distinct on (record_key) * from guardianship
       where starts_with(record_key, $2) and source_record_id like '%/guardian/%'
       order by record_key, known_on desc, version_id desc
     ) newest
     cross join lateral (
       select split_part(source_record_id, '/guardian/', 1) = any($3) as child,
         split_part(source_record_id, '/guardian/', 2) = any($3) as guardian
     ) here
     where retracted_at is null and record_key not in (select record_key from ${name})
       and ((here.child and here.guardian) or exists (
         select 1 from person p where p.batch_id = newest.batch_id and p.raw_ref = newest.raw_ref
           and ((here.child and p.person_id = newest.person_id) or (here.guardian and p.person_id = newest.guardian_id))
       ))`,
    [sourcedIdSystem(session.source), `${session.source}:`, said],
  );
  (await session.stage(target)).rows += taken.count;
  session.report.lenient(
    "users.csv",
    "agentSourcedIds: a guardian no longer named, the guardianship taken back",
    taken.count,
  );
}
