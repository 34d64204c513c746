import { expect, test } from "vitest";
import { capacityOf, learnersOf } from "../../../src/records/consent/acting.ts";
import { majorityOf } from "../../../src/records/consent/provisions.ts";
import { linkPersons } from "../../../src/records/identity/links.ts";
import { peopleByIds, personByNumber } from "../../../src/records/identity/people.ts";
import { useDatabase } from "../../support/database.ts";
import type { FamilyDistrict } from "../family.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

const on = "2026-07-02";

/** Puts one version of a record in, as an import of that class would. */
function put(
  { tenantId, within }: FamilyDistrict,
  table: string,
  cells: Record<string, string | boolean | null>,
  as: { key: string; class: "certified" | "contributed"; knownOn?: string; retracted?: boolean },
): Promise<unknown> {
  const row: Record<string, string | boolean | null> = {
    tenant_id: tenantId,
    record_key: as.key,
    content_hash: `${as.key} ${as.knownOn ?? ""}`,
    class: as.class,
    authority: "another",
    batch_id: "b",
    source_record_id: as.key,
    known_on: as.knownOn ?? "2026-06-30",
    received_at: "2026-06-30T08:00:00Z",
    retracted_at: as.retracted === true ? "2026-06-30T08:00:00Z" : null,
    ...cells,
  };
  return within(({ sql }) => sql`insert into ${sql(table)} ${sql(row)}`);
}

test("a birth date that somebody contributes takes no rights from a guardian, and gives none back", async () => {
  const district = await familyDistrict(database());
  const { ada, parent, within } = district;
  const who = { actorId: parent, personId: ada, on };
  await put(
    district,
    "demographics",
    { person_id: ada, birth_date: "2001-01-01" },
    { key: "app:d", class: "contributed" },
  );
  expect(await within((tx) => capacityOf(tx, who))).toBe("guardian");
  expect(await within((tx) => capacityOf(tx, { ...who, on: "2030-03-01" }))).toBeUndefined();
  expect(await within((tx) => capacityOf(tx, { ...who, actorId: ada, on: "2030-03-01" }))).toBe("eligible-student");
  // Where no system of record has spoken, it is all there is.
  const other = await familyDistrict(database());
  await put(
    other,
    "demographics",
    { person_id: other.ben, birth_date: "2001-01-01" },
    { key: "app:d", class: "contributed" },
  );
  expect(await other.within((tx) => majorityOf(tx, [other.ben]))).toBe("2019-01-01");
});

test("of two linked persons' birth dates a system of record's counts, whatever their ids", async () => {
  const district = await familyDistrict(database());
  const { ada, ben, within } = district;
  await put(
    district,
    "demographics",
    { person_id: ben, birth_date: "2001-01-01" },
    { key: "app:d", class: "contributed", knownOn: "2026-07-01" },
  );
  await within((tx) =>
    linkPersons(tx, { personId: ada, sameAs: ben, reason: "one child", decidedBy: "registrar", now }),
  );
  for (const ids of [
    [ada, ben],
    [ben, ada],
  ])
    expect(await within((tx) => majorityOf(tx, ids))).toBe("2030-03-01");
});

test("only a system of record makes a guardian, and one that takes the rights away outweighs the others", async () => {
  const district = await familyDistrict(database());
  const { ada, ben, parent, teacher, within } = district;
  const tie = { person_id: ada, guardian_id: teacher, relation: "parent", holds_rights: null };
  await put(district, "guardianship", tie, { key: "app:g", class: "contributed" });
  expect(await within((tx) => learnersOf(tx, { actorId: teacher, on }))).toEqual([]);
  await put(district, "guardianship", { ...tie, person_id: ben }, { key: "sis:g2", class: "certified" });
  expect(await within((tx) => learnersOf(tx, { actorId: teacher, on }))).toEqual([ben]);
  const court = { person_id: ada, guardian_id: parent, relation: "mother", holds_rights: false };
  await put(district, "guardianship", court, { key: "court:g", class: "certified" });
  expect(await within((tx) => learnersOf(tx, { actorId: parent, on }))).toEqual([]);
});

test("a guardian whom the school has taken off its roster decides nothing; a family that has left together keeps its rights", async () => {
  const district = await familyDistrict(database());
  const { tenantId, ada, parent, within } = district;
  const leave = (personId: string) =>
    within(
      ({ sql }) => sql`
        insert into person (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
          received_at, retracted_at, person_id)
        select distinct ${tenantId}, record_key, 'left', class, authority, 'b2', source_record_id, date '2026-07-01', now(), now(),
          person_id from person where person_id = ${personId}`,
    );
  await leave(parent);
  expect(await within((tx) => learnersOf(tx, { actorId: parent, on }))).toEqual([]);
  await leave(ada);
  expect(await within((tx) => learnersOf(tx, { actorId: parent, on }))).toEqual([ada]);
});

test("a number leads to whom the systems of record gave it, also after she has left, and to one learner of two ids", async () => {
  const district = await familyDistrict(database());
  const { ada, ben, within } = district;
  const holder = (number: string) => within((tx) => personByNumber(tx, number));
  const number = (person_id: string, value: string) => ({ person_id, system: "local", value });
  await put(district, "identifier", number(ben, "1001"), { key: "app:i", class: "contributed" });
  await put(
    district,
    "person",
    { person_id: ada, given_name: "Other" },
    { key: "app:p", class: "contributed", knownOn: "2026-07-01" },
  );
  expect(await holder("1001")).toBe(ada);
  expect(await within((tx) => peopleByIds(tx, [ada]))).toMatchObject([{ givenName: "Ada", number: "1001" }]);

  await put(district, "identifier", number(ada, "7"), { key: "sis:i7", class: "certified" });
  await put(district, "identifier", number(ada, "7"), {
    key: "sis:i7",
    class: "certified",
    knownOn: "2026-07-01",
    retracted: true,
  });
  expect(await holder("7")).toBe(ada);
  await put(district, "identifier", number(ben, "7"), { key: "sis:i8", class: "certified", knownOn: "2026-07-01" });
  expect(await holder("7")).toBe(ben);

  await put(district, "identifier", number(ada, "7"), { key: "old:i7", class: "certified" });
  expect(await holder("7")).toBeUndefined();
  const pair = { personId: ada, sameAs: ben, reason: "one child", decidedBy: "registrar", now };
  await within((tx) => linkPersons(tx, pair));
  expect([ada, ben]).toContain(await holder("7"));
});
