import fc from "fast-check";
import { expect, test } from "vitest";
import { isOneEditApart, linkCandidates } from "../../../src/records/identity/candidates.ts";
import { components, identityTrail, idsOf, linkPersons, unlinkPersons } from "../../../src/records/identity/links.ts";
import { useDatabase } from "../../support/database.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

const how = { reason: "same child", decidedBy: "registrar", now };

test("a link is made once, undone once, and both stay in the trail", async () => {
  const { ada, ben, teacher, within } = await familyDistrict(database());
  const link = (personId: string, sameAs: string) => within((tx) => linkPersons(tx, { personId, sameAs, ...how }));
  await expect(link(ada, ada)).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(link(ada, "nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  const first = await link(ada, ben);
  await expect(link(ben, ada)).rejects.toMatchObject({ code: "CONFLICT" });
  await link(ben, teacher);
  await expect(link(ada, teacher)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await within((tx) => idsOf(tx, teacher))).toEqual([ada, ben, teacher].sort());
  await within((tx) => unlinkPersons(tx, { linkId: first, ...how }));
  await expect(within((tx) => unlinkPersons(tx, { linkId: first, ...how }))).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await within((tx) => idsOf(tx, ada))).toEqual([ada]);
  expect(await within((tx) => idsOf(tx, ben))).toEqual([ben, teacher].sort());
  const trail = await within((tx) => identityTrail(tx, ada));
  expect(trail.map(({ personId, sameAs, undoes }) => [personId, sameAs, undoes])).toEqual([
    [ada, ben, null],
    [ben, teacher, null],
    [ada, ben, first],
  ]);
});

test("who has the same birth date and a similar name is proposed, until somebody has decided; nobody is linked by it", async () => {
  const { tenantId, ada, ben, within } = await familyDistrict(database());
  expect(await within(linkCandidates)).toEqual([]);
  await within(({ sql }) =>
    sql.unsafe(`
      insert into demographics (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, birth_date)
      values ('${tenantId}', 'x:d', 'h', 'certified', 'x', 'b', 'd', '2025-01-01', now(), '${ben}', '2012-02-29');
      insert into person (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, given_name, family_name)
      values ('${tenantId}', 'x:p', 'h', 'certified', 'x', 'b', 'p', '2026-12-31', now(), '${ben}', 'Adda', 'Quilfeather')`),
  );
  const [personId, sameAs] = [ada, ben].sort() as [string, string];
  expect(await within(linkCandidates)).toEqual([{ personId, sameAs, evidence: "names of one letter's difference" }]);
  expect(await within((tx) => idsOf(tx, ada))).toEqual([ada]);
  const linkId = await within((tx) => linkPersons(tx, { personId, sameAs, ...how }));
  await within((tx) => unlinkPersons(tx, { linkId, ...how }));
  expect(await within(linkCandidates)).toEqual([]);
});

test("a contributed birth date hides no pair of systems of record; where nobody else has spoken, every one is looked at", async () => {
  const { tenantId, ada, ben, within } = await familyDistrict(database());
  const put = (personId: string, born: string, standing: string, key: string) =>
    within(({ sql }) =>
      sql.unsafe(`
        insert into demographics (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
          received_at, person_id, birth_date)
        values ('${tenantId}', '${key}', 'h', '${standing}', 'x', 'b', '${key}', '2026-12-30', now(), '${personId}', '${born}')`),
    );
  await within(({ sql }) =>
    sql.unsafe(`
      insert into person (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, given_name, family_name)
      values ('${tenantId}', 'x:p', 'h', 'certified', 'x', 'b', 'p', '2026-12-31', now(), '${ben}', 'Ada', 'Quillfeather')`),
  );
  await put(ben, "2001-01-01", "contributed", "app:1");
  expect(await within(linkCandidates)).toEqual([]);
  await put(ada, "2001-01-01", "contributed", "app:2");
  expect(await within(linkCandidates)).toEqual([]);
  await put(ben, "2012-02-29", "contributed", "app:3");
  expect(await within(linkCandidates)).toMatchObject([{ evidence: "same name" }]);
});

test("who is linked to whom does not depend on the order of the links", () => {
  const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
  fc.assert(
    fc.property(fc.array(fc.tuple(id, id), { maxLength: 8 }), (pairs) => {
      const found = components(pairs);
      expect(components([...pairs].reverse().map(([a, b]) => [b, a] as const))).toEqual(found);
      // The slow way: spread the smallest id along the links until nothing changes.
      const slow = new Map(pairs.flat().map((one) => [one, one]));
      for (let changed = true; changed; ) {
        changed = false;
        for (const [a, b] of pairs) {
          const low = [slow.get(a)!, slow.get(b)!].sort()[0]!;
          if (slow.get(a) !== low || slow.get(b) !== low) changed = true;
          slow.set(a, low);
          slow.set(b, low);
        }
      }
      expect(new Map([...found].sort())).toEqual(new Map([...slow].sort()));
    }),
  );
});

test("one letter put in, taken out or changed", () => {
  expect(
    [
      ["ada", "adda"],
      ["ada", "da"],
      ["ada", "ida"],
      ["a", ""],
    ].every(([a, b]) => isOneEditApart(a!, b!)),
  ).toBe(true);
  expect(
    [
      ["ada", "ada"],
      ["ada", "aad"],
      ["ada", "addda"],
      ["ada", "ib"],
    ].some(([a, b]) => isOneEditApart(a!, b!)),
  ).toBe(false);
});
