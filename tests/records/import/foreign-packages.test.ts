import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { district, query, versions } from "./deliveries.ts";

const database = useDatabase();
const folder = join(datasetsFolder() ?? "", "standards/oneroster");
const receivedAt = new Date("2025-12-12T08:00:00Z");

/** Packages of other projects, read where they lie; none of them is copied into this one. */
describe.skipIf(datasetsFolder() === undefined)("packages of other projects (needs the shared data sets)", () => {
  test.each([
    [
      "v1p2_valid_bulk",
      "1.2",
      {
        org: 2,
        term: 2,
        course: 1,
        section: 1,
        person: 2,
        person_role: 2,
        section_enrolment: 1,
        assignment: 1,
        result: 1,
        standard_result: 1,
        enrolment: 0,
      },
    ],
    [
      "moodle-fixtures/Test_full_data_set.zip",
      "1.1",
      { org: 1, term: 5, course: 0, section: 2, person: 6, person_role: 6, section_enrolment: 6, enrolment: 2 },
    ],
    [
      "moodle-fixtures/Test_minimal_data_set.zip",
      "1.1",
      { org: 1, term: 5, course: 0, section: 2, person: 6, person_role: 6, section_enrolment: 6, enrolment: 2 },
    ],
    [
      "moodle-fixtures/oneroster_test_data.zip",
      "1.2",
      {
        org: 1,
        term: 1,
        course: 1,
        section: 1,
        person: 1,
        person_role: 1,
        demographics: 1,
        section_enrolment: 1,
        enrolment: 1,
      },
    ],
  ])("%s goes in, and a second time changes nothing", async (path, version, expected) => {
    const tenantId = await district(database());
    const first = await importOneRoster(database(), { tenantId, path: join(folder, path), receivedAt });
    expect(first.standard).toBe(`OneRoster CSV ${version}`);
    expect(first.refusals).toEqual([]);
    const before = await versions(database(), tenantId);
    expect(before).toMatchObject(expected);
    await importOneRoster(database(), {
      tenantId,
      path: join(folder, path),
      receivedAt: new Date("2026-02-01T00:00:00Z"),
    });
    expect(await versions(database(), tenantId)).toEqual(before);
    // Six users of one fixture share directory numbers and are six people all the same.
    const people = await query<{ people: number }>(
      database(),
      tenantId,
      "select count(distinct person_id)::int as people from person",
    );
    expect(people).toEqual([{ people: before.person }]);
  });
});
