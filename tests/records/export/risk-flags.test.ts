import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportEdFiBodies } from "../../../src/engine/intake/export-records.ts";
import { inTenant } from "../../../src/records/database.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { useCairn } from "../../engine/district.ts";
import { cleanUp, district, scratchFolder, unpacked } from "../import/deliveries.ts";
import { toVendor } from "./to-somebody.ts";

const cairn = useCairn();
cleanUp();

const student = (id: string) => ({ studentReference: { studentUniqueId: id } });

/** Two students in a school; a published run says something of both. */
async function scoredDistrict({ publish = true } = {}): Promise<string> {
  const tenantId = await district(cairn().database);
  const path = await unpacked({
    "schools.json": JSON.stringify([{ schoolId: 101, nameOfInstitution: "Hill" }]),
    "students.json": JSON.stringify(
      ["1", "2"].map((id) => ({ studentUniqueId: id, firstName: `A${id}`, lastSurname: "Q" })),
    ),
    "studentSchoolAssociations.json": JSON.stringify(
      ["1", "2"].map((id) => ({
        ...student(id),
        schoolReference: { schoolId: 101 },
        schoolYearTypeReference: { schoolYear: 2026 },
        entryDate: "2025-08-18",
      })),
    ),
  });
  await importEdFi(cairn().database, { tenantId, path, receivedAt: new Date("2025-09-01T00:00:00Z") });
  await inTenant(cairn().database, tenantId, async ({ sql }) => {
    await sql`
      insert into pseudonym (tenant_id, purpose, person_id, code)
      select ${tenantId}, 'early-warning', person_id, 'code-' || value from identifier where system = 'state'`;
    await sql`
      insert into scoring_run (tenant_id, run_id, kind, as_of, snapshot_ids, model_ids, status, partitions, published_at)
      values (${tenantId}, 'run', 'batch', '2025-12-01', '{"risk": "snapshot"}', '{"risk": "modelid"}',
        ${publish ? "published" : "running"}, 1, ${publish ? "2025-12-02" : null})`;
    await sql`
      insert into risk_score (tenant_id, run_id, pseudonym, partition, probability, reasons, coverage)
      values (${tenantId}, 'run', 'code-1', 0, 0.9, '[]', 1), (${tenantId}, 'run', 'code-2', 0, 0.2, '[]', 1)`;
  });
  return tenantId;
}

async function indicators(tenantId: string): Promise<{ student: string; indicator: string }[]> {
  const path = await scratchFolder();
  await exportEdFiBodies(cairn(), tenantId, path, { release: toVendor });
  const text = await readFile(join(path, "studentEducationOrganizationAssociations.jsonl"), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map((body) => ({
      student: body.studentReference.studentUniqueId,
      indicator: body.studentIndicators[0].indicator,
    }));
}

test("the risks of the latest published run leave as indicators", async () => {
  expect(await indicators(await scoredDistrict())).toEqual([
    { student: "1", indicator: "probability 0.900" },
    { student: "2", indicator: "probability 0.200" },
  ]);
});

test("a run that is not published says nothing to anybody", async () => {
  expect(await indicators(await scoredDistrict({ publish: false }))).toEqual([]);
});

test("a family that has said no since the run has no flag of its child leave", async () => {
  const tenantId = await scoredDistrict();
  await inTenant(cairn().database, tenantId, async ({ sql }) => {
    await sql`
      insert into consent_decision (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, purpose, decision, decided_on)
      select ${tenantId}, 'k', 'h', 'certified', 'school', 'b', 'k', '2025-12-03', '2025-12-03', person_id, 'early-warning', 'deny',
        '2025-12-03' from identifier where system = 'state' and value = '1'`;
  });
  expect(await indicators(tenantId)).toEqual([{ student: "2", indicator: "probability 0.200" }]);
});
