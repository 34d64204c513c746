import type { ImportSession } from "./import-session.ts";

/** Naming systems that tell people apart across sources: the district's, the state's, the school's own number. */
export const strongSystems = ["district", "state", "local"] as const;

/** The naming system under which a flat file's `student_id` is looked up: any of {@link strongSystems}. */
export const anyStrongSystem = "*";

const canonical: Readonly<Record<string, string>> = {
  districtid: "district",
  district: "district",
  stateid: "state",
  state: "state",
  ssid: "state",
  stateuniqueid: "state",
  studentuniqueid: "state",
  localid: "local",
  local: "local",
  studentid: "local",
  sisid: "local",
};

/** The naming system of a `userIds` type; one that is not known to tell people apart keeps its own name. */
export function namingSystem(type: string): string {
  return canonical[type.toLowerCase().replaceAll(/[^a-z]/g, "")] ?? `other:${type}`;
}

/** The naming system of a source's own record ids. */
export function sourcedIdSystem(source: string): string {
  return `sourcedId:${source}`;
}

/** Makes the temporary table `person_map` (system, value → person) from the identifiers known so far. */
export async function buildPersonMap(session: ImportSession): Promise<void> {
  const strong = strongSystems.map((system) => `'${system}'`).join(", ");
  await session.tx.sql.unsafe(`
    create temp table if not exists person_map (system text, value text, person_id text, people int) on commit drop;
    truncate person_map;
    with latest as (
      select distinct on (record_key) system, value, person_id, class, retracted_at from identifier
      order by record_key, known_on desc, version_id desc
    ),
    -- What a contributed source calls a person counts only where no system of record has spoken: else anybody with a key could
    -- make a student ambiguous, or another.
    believed as (
      select * from (
        select system, value, person_id, class, bool_or(class = 'certified') over (partition by value, case when system in (${strong}) then '*' else system end) as settled
        from latest where retracted_at is null
      ) said where class = 'certified' or not settled
    )
    insert into person_map
    select system, value, min(person_id), count(distinct person_id) from believed group by system, value
    union all
    select '${anyStrongSystem}', value, min(person_id), count(distinct person_id) from believed
    where system in (${strong}) group by value;
    analyze person_map`);
}

/**
 * Gives every user of a package a person, before identifiers and persons are merged: the person this source id had before;
 * else the person who has one of the user's strong identifiers; else one new person for all users of the package that share
 * the strongest identifier; else a new person. Never by source id alone where a stronger identifier says otherwise, and
 * never by weak identifiers: directories give one number to a whole family.
 *
 * A user whose strong identifier belongs to somebody of quite another name is refused as AMBIGUOUS.
 */
export async function resolvePeople(session: ImportSession): Promise<void> {
  const { sql } = session.tx;
  const system = sourcedIdSystem(session.source);
  await sql.unsafe(`
    create temp table newcomer on commit drop as
    select s.person_ref, min(s.ordinal) as ordinal, min(s.line) as line, min(s.file) as file,
      min(lower(s.given_name)) as given_name, min(lower(s.family_name)) as family_name, null::text as person_id
    from stage_person s left join person_map m on m.system = '${system.replaceAll("'", "''")}' and m.value = s.person_ref
    where m.person_id is null group by s.person_ref;

    create temp table newcomer_identifier on commit drop as
    select n.person_ref, i.system, i.value, array_position(array['district', 'state', 'local'], i.system) as strength
    from newcomer n join stage_identifier i on i.person_ref = n.person_ref
    where i.system in ('district', 'state', 'local');

    create temp table candidate on commit drop as
    select i.person_ref, min(m.person_id) as person_id, count(distinct m.person_id) + max(m.people) - 1 as people
    from newcomer_identifier i join person_map m on m.system = i.system and m.value = i.value group by i.person_ref;

    update newcomer n set person_id = c.person_id from candidate c where c.person_ref = n.person_ref;

    create temp table namesake on commit drop as
    select distinct on (i.person_ref) i.person_ref, i.system, i.value, head.ordinal as head_ordinal,
      head.given_name, head.family_name
    from newcomer_identifier i
    join newcomer n on n.person_ref = i.person_ref and n.person_id is null
    join lateral (
      select h.ordinal, h.given_name, h.family_name from newcomer_identifier j join newcomer h on h.person_ref = j.person_ref
      where j.system = i.system and j.value = i.value order by h.ordinal limit 1
    ) head on true
    order by i.person_ref, i.strength;
    `);
  await refuseStrangers(session);
  await sql.unsafe(`
    with fresh as (
      select head_ordinal, gen_random_uuid()::text as person_id from (select distinct head_ordinal from namesake) heads
    )
    update newcomer n set person_id = fresh.person_id from namesake s join fresh using (head_ordinal)
    where s.person_ref = n.person_ref and n.person_id is null;
    update newcomer set person_id = gen_random_uuid()::text where person_id is null;
    insert into person_map select '${system.replaceAll("'", "''")}', person_ref, person_id, 1 from newcomer;
    drop table newcomer, newcomer_identifier, candidate, namesake;
    analyze person_map`);
}

/** Takes out users whose identifier is somebody else's: neither given nor family name agrees, or several persons have it. */
async function refuseStrangers(session: ImportSession): Promise<void> {
  const { sql } = session.tx;
  await sql.unsafe(`
    create temp table stranger on commit drop as
    select n.person_ref from newcomer n join candidate c on c.person_ref = n.person_ref
    where c.people > 1 or not exists (
      select 1 from person p where p.person_id = c.person_id
        and (lower(p.given_name) = n.given_name or lower(p.family_name) = n.family_name)
    )
    union
    select n.person_ref from newcomer n join namesake s on s.person_ref = n.person_ref
    where s.head_ordinal <> n.ordinal and s.given_name <> n.given_name and s.family_name <> n.family_name;

    insert into refusal (file, line, "column", code, reason, raw)
    select file, line, 'identifier', 'AMBIGUOUS',
      'expected an identifier of this person alone, got one that somebody of another name has', raw
    from stage_person where person_ref in (select person_ref from stranger);`);
  const counted = await sql.unsafe<{ file: string; count: number }[]>(
    "select file, count(*)::int as count from stage_person where person_ref in (select person_ref from stranger) group by file",
  );
  for (const { file, count } of counted) session.report.counts(file).refused += count;
  await sql.unsafe(`
    delete from stage_person where person_ref in (select person_ref from stranger);
    delete from stage_identifier where person_ref in (select person_ref from stranger);
    delete from newcomer where person_ref in (select person_ref from stranger);
    delete from namesake where person_ref in (select person_ref from stranger);
    drop table stranger`);
}
