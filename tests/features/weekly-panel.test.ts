import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import { buildWeeklyPanel } from "../../src/engine/panels/weekly-panel.ts";
import { readFeatureTable } from "../../src/features/table-file.ts";
import { asOf, deliver, refusal, useCairn, useDistrictFiles } from "../engine/district.ts";

const cairn = useCairn();
const files = useDistrictFiles(40);

let tenantId = "";
beforeAll(async () => {
  tenantId = await ensureTenant(cairn(), "panel", "Panel");
  await deliver(cairn(), tenantId, files());
}, 300_000);

test("the weeks of the year under way, each as of its own day, are in the store; asked again, nothing is built", async () => {
  const steps: number[] = [];
  const panel = await buildWeeklyPanel(cairn(), tenantId, { asOf, from: "2025-11-20" }, (step, fraction) => {
    if (step.startsWith("features of")) steps.push(fraction);
  });
  expect(panel.days).toEqual(["2025-11-21", "2025-11-28", "2025-12-05", "2025-12-12"]);
  expect(steps.at(-1)).toBe(1);
  const table = await readFeatureTable(join(panel.path, panel.files[0]!.file));
  expect(new Set(table.asOf)).toEqual(new Set(panel.days));
  expect([table.matrix.rows, table.snapshotId, table.catalogVersion]).toEqual([
    panel.rows,
    panel.snapshotId,
    panel.catalogVersion,
  ]);
  const again = await buildWeeklyPanel(cairn(), tenantId, { asOf, from: "2025-11-20" });
  expect(again).toEqual(panel);
  expect(JSON.parse(await readFile(join(panel.path, "panel.json"), "utf8"))).toMatchObject({ rows: panel.rows });
});

test("without a first day the panel begins with the school year", async () => {
  const { days } = await buildWeeklyPanel(cairn(), tenantId, { asOf, to: "2025-09-12" });
  expect(days.at(-1)).toBe("2025-09-12");
  expect(days[0]! >= "2025-08-01" && days[0]! <= "2025-08-31").toBe(true);
});

test("weeks the snapshot cannot know are refused, and so are none", async () => {
  for (const wrong of [{ to: "2025-12-13" }, { from: "2025-12-01", to: "2025-11-30" }])
    expect(await refusal(buildWeeklyPanel(cairn(), tenantId, { asOf, ...wrong }))).toMatchObject({ code: "BAD_INPUT" });
  expect(await refusal(buildWeeklyPanel(cairn(), tenantId, { asOf, to: "2010-01-01" }))).toMatchObject({
    code: "CONFLICT",
  });
});
