import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { identityLink } from "../schema/index.ts";

/** Who decided, why and when. Names of learners have no place in `reason`. */
export interface LinkDecision {
  readonly reason: string;
  readonly decidedBy: string;
  readonly now: Date;
}

/** One line of the trail: a link, or the undoing of one. */
export interface LinkEvent {
  readonly linkId: number;
  readonly personId: string;
  readonly sameAs: string;
  /** The link that this line undoes; null: this line links. */
  readonly undoes: number | null;
  readonly reason: string;
  readonly decidedBy: string;
  readonly decidedAt: string;
}

/**
 * Says that two persons of the record are one human being. No record is touched: reads and snapshots see one learner from now
 * on, and see two again when the link is undone.
 * @returns the id of the link
 * @throws CairnError `BAD_INPUT` when both are the same person, `NOT_FOUND` when there is none of that id, `CONFLICT` when they
 * are one learner already
 */
export async function linkPersons(
  tx: TenantTransaction,
  { personId, sameAs, reason, decidedBy, now }: LinkDecision & { readonly personId: string; readonly sameAs: string },
): Promise<number> {
  if (personId === sameAs) throw new CairnError("BAD_INPUT", "expected two persons to link, got the same one twice");
  // One at a time: of two that arrive together the second must see the first.
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.identity'), hashtext(${tx.tenantId}))`;
  const known = await tx.sql<{ personId: string }[]>`
    select distinct person_id as "personId" from person where person_id in (${personId}, ${sameAs})`;
  if (known.length < 2) {
    throw new CairnError("NOT_FOUND", `expected two persons of the record, got ${known.length} that exist`, {
      hint: "list candidates with `cairn identity candidates`",
    });
  }
  if ((await idsOf(tx, personId)).includes(sameAs)) {
    throw new CairnError("CONFLICT", "expected two persons that are not linked, got two that are one learner already", {
      hint: "see the trail with `cairn identity trail`",
    });
  }
  const values = { tenantId: tx.tenantId, personId, sameAs, reason, decidedBy, decidedAt: now };
  const [row] = await tx.orm.insert(identityLink).values(values).returning({ linkId: identityLink.linkId });
  return row!.linkId;
}

/**
 * Takes a link back: both persons are again what they were, because nothing of them was changed.
 * @throws CairnError `NOT_FOUND` when there is no such link in force
 */
export async function unlinkPersons(
  tx: TenantTransaction,
  { linkId, reason, decidedBy, now }: LinkDecision & { readonly linkId: number },
): Promise<void> {
  const rows = await tx.sql<{ personId: string; sameAs: string }[]>`
    select person_id as "personId", same_as as "sameAs" from identity_link l
    where link_id = ${linkId} and undoes is null and not exists (select 1 from identity_link u where u.undoes = l.link_id)`;
  if (rows[0] === undefined) {
    throw new CairnError("NOT_FOUND", `expected a link in force, got ${linkId}`, {
      hint: "see the trail with `cairn identity trail`",
    });
  }
  const { personId, sameAs } = rows[0];
  await tx.orm
    .insert(identityLink)
    .values({ tenantId: tx.tenantId, personId, sameAs, undoes: linkId, reason, decidedBy, decidedAt: now });
}

/** Every link and undoing that touches a learner, oldest first. */
export async function identityTrail(tx: TenantTransaction, personId: string): Promise<LinkEvent[]> {
  const rows = await tx.sql<(Omit<LinkEvent, "decidedAt"> & { decidedAt: string })[]>`
    with recursive reached(id) as (
      select ${personId}::text
      union
      select case when l.person_id = r.id then l.same_as else l.person_id end
      from identity_link l join reached r on r.id in (l.person_id, l.same_as)
    )
    select link_id::int as "linkId", person_id as "personId", same_as as "sameAs", undoes::int, reason,
      decided_by as "decidedBy", decided_at as "decidedAt"
    from identity_link where person_id in (select id from reached) order by link_id`;
  return rows.map((row) => ({ ...row, decidedAt: new Date(row.decidedAt).toISOString() }));
}

/**
 * The one id that stands for a learner, for every person who is linked to another: the smallest of theirs, so that the order
 * of linking does not matter. Who is not in the map stands for herself.
 */
export async function canonicalPersons(tx: TenantTransaction): Promise<Map<string, string>> {
  const links = await tx.sql<{ a: string; b: string }[]>`
    select l.person_id as a, l.same_as as b from identity_link l
    where l.undoes is null and not exists (select 1 from identity_link u where u.undoes = l.link_id)`;
  return components(links.map(({ a, b }) => [a, b] as const));
}

/** Every id of the learner, her own first id among them, in order. */
export async function idsOf(tx: TenantTransaction, personId: string): Promise<string[]> {
  const canonical = await canonicalPersons(tx);
  const own = canonical.get(personId);
  if (own === undefined) return [personId];
  return [...canonical].flatMap(([id, stands]) => (stands === own ? [id] : [])).sort();
}

/** The smallest member of each connected component, by member. */
export function components(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const parent = new Map<string, string>();
  const root = (id: string): string => {
    let at = id;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const [a, b] of pairs) {
    const [low, high] = [root(a), root(b)].sort() as [string, string];
    parent.set(low, low);
    parent.set(high, low);
  }
  return new Map([...parent.keys()].map((id) => [id, root(id)]));
}
