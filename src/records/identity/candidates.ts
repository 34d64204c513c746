import type { TenantTransaction } from "../database.ts";

/** Two persons of the record who may be one human being: for the registrar to look at, never linked by machine. */
export interface LinkCandidate {
  readonly personId: string;
  readonly sameAs: string;
  /** What speaks for it. */
  readonly evidence: "same name" | "same family name" | "same given name" | "names of one letter's difference";
}

/**
 * Pairs with the same birth date and a similar name that are not linked already. The birth dates of systems of record count;
 * where there are none, every one that was contributed. Twins have the same family name and birth date: only a person can
 * tell, so this only proposes.
 */
export async function linkCandidates(tx: TenantTransaction): Promise<LinkCandidate[]> {
  const people = await tx.sql<{ id: string; born: string; given: string; family: string }[]>`
    with newest as (
      select distinct on (person_id) person_id, lower(coalesce(given_name, '')) as given, lower(coalesce(family_name, '')) as family
      from person order by person_id, class = 'certified' desc, known_on desc, version_id desc
    ), said as (
      select distinct on (record_key) * from demographics order by record_key, known_on desc, version_id desc
    ), born as (
      select distinct person_id, birth_date from (
        select *, bool_or(class = 'certified') over (partition by person_id) as settled from said
        where retracted_at is null and birth_date is not null
      ) dated where class = 'certified' or not settled
    )
    select n.person_id as id, b.birth_date as born, n.given, n.family from newest n join born b using (person_id)
    where b.birth_date in (select birth_date from born group by birth_date having count(*) > 1)
    order by b.birth_date, n.person_id`;
  const settled = new Set<string>();
  for (const { a, b } of await tx.sql<{ a: string; b: string }[]>`
    select person_id as a, same_as as b from identity_link`) {
    // Also a link that was undone: somebody looked at it and said no.
    settled.add(pairOf(a, b));
  }
  const candidates: LinkCandidate[] = [];
  for (const [i, one] of people.entries()) {
    for (let j = i + 1; people[j]?.born === one.born; j++) {
      const other = people[j]!;
      const evidence = similarity(one, other);
      if (evidence === undefined || one.id === other.id || settled.has(pairOf(one.id, other.id))) continue;
      settled.add(pairOf(one.id, other.id));
      candidates.push({ personId: one.id, sameAs: other.id, evidence });
    }
  }
  return candidates;
}

const pairOf = (a: string, b: string): string => [a, b].sort().join(" ");

interface Named {
  readonly given: string;
  readonly family: string;
}

function similarity(one: Named, other: Named): LinkCandidate["evidence"] | undefined {
  if (one.given === other.given && one.family === other.family) return "same name";
  if (one.family !== "" && one.family === other.family) return "same family name";
  if (one.given !== "" && one.given === other.given) return "same given name";
  const near = (a: string, b: string): boolean => a === b || isOneEditApart(a, b);
  return near(one.given, other.given) && near(one.family, other.family)
    ? "names of one letter's difference"
    : undefined;
}

/** Whether one letter put in, taken out or changed makes one text the other. */
export function isOneEditApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let i = 0;
  while (i < short.length && short[i] === long[i]) i++;
  return short.length === long.length
    ? short !== long && short.slice(i + 1) === long.slice(i + 1)
    : short.slice(i) === long.slice(i + 1);
}
