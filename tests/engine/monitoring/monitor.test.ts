import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import type { MonitoringReport } from "../../../src/engine/monitoring/monitor.ts";
import { monitorDistrict, readMonitoring } from "../../../src/engine/monitoring/monitor.ts";
import { describeMonitoring, plotDrift } from "../../../src/engine/monitoring/report.ts";
import { asOf, deliver, refusal, useCairn } from "../district.ts";

const cairn = useCairn();
let before: MonitoringReport;
let after: MonitoringReport;

/** A school changes its grading and its attendance codes on the 1st of October: looked at before and after. */
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-drift-"));
  try {
    await writeDistrict({
      folder,
      students: 500,
      seed: "watched",
      asOf,
      drift: true,
      profiles: false,
      interventions: false,
    });
    await deliver(cairn(), "north", folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  before = await monitorDistrict(cairn(), "north", { asOf: "2025-09-26", weeks: 1 });
  after = await monitorDistrict(cairn(), "north", { asOf, weeks: 2 });
}, 400_000);

const shiftsAt = ({ drift }: MonitoringReport, school: string) =>
  drift!.findings.flatMap(({ kind, name, place }) =>
    kind === "values" && place?.value.endsWith(school) ? [name] : [],
  );

test("the planted drift is found at its school once it has begun, with its size, and not before nor at the other", () => {
  // By September less work was due than a year before: the calendar differs, the marks and the codes do not.
  expect(shiftsAt(before, "org-school-1")).not.toContain("tardies");
  expect(shiftsAt(before, "org-school-1").filter((name) => name.startsWith("score"))).toEqual([]);
  expect(shiftsAt(after, "org-school-1")).toEqual(expect.arrayContaining(["score_mean_change", "tardies"]));
  expect(shiftsAt(after, "org-school-2")).toEqual([]);
  const marks = after.drift!.findings.find(
    ({ name, place }) => name === "score_mean_change" && place?.column === "school",
  )!;
  expect(marks.current - marks.reference).toBeGreaterThan(2); // 7 points were planted on homework, quizzes and exams
  expect(marks.current - marks.reference).toBeLessThan(10);
});

test("the report is kept, says it in words and in a picture; a district without one has none", async () => {
  const kept = await readMonitoring(cairn(), "north");
  expect(kept.needs).toEqual(after.needs);
  expect(kept.needs.join("\n")).toContain("(score_mean_change) has shifted");
  const text = describeMonitoring(kept);
  expect(text).toMatch(/\| values \| [^|]*\(score_mean_change\) \| [A-Z][a-z]+ [A-Z][A-Za-z ]*School \|/);
  expect(text, "a school is called by its name").not.toContain("org-school");
  expect(plotDrift(kept)).toMatch(/^<svg .*<polyline .*<\/svg>$/s);
  expect((await refusal(readMonitoring(cairn(), "south"))).code).toBe("NOT_FOUND");
});
