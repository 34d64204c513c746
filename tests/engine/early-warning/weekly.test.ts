import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeOuladSnapshot } from "../../../datasets/oulad/snapshot.ts";
import { readDefinition } from "../../../src/engine/early-warning/outcomes/definition.ts";
import { rankWeekly } from "../../../src/engine/early-warning/weekly.ts";
import { openSnapshotFolder } from "../../../src/engine/evaluation-sets/snapshot-folder.ts";
import { random } from "../../../src/numeric/random.ts";
import type { Row } from "../../features/snapshot-in-memory.ts";
import { attachRows } from "../../features/snapshot-in-memory.ts";
import { datasetsFolder } from "../../support/services.ts";

const outcome = readDefinition({
  ...{ outcome: "off-track", kind: "recorded", title: "Fails or withdraws", maturityDays: 0 },
  ...{ name: "final_result", values: ["Fail", "Withdrawn"] },
});

const LEARNERS = 90;
const begins = { "2023B": "2023-02-01", "2023J": "2023-10-01", "2024B": "2024-02-01" };
const ends = { "2023B": "2023-09-01", "2023J": "2024-06-01", "2024B": "2024-09-01" };

/** Presentations of a course: who hands in little, fails. */
async function courses() {
  const rng = random("courses");
  const [enrolment, section, assignment, result, outcomes] = [[], [], [], [], []] as Row[][];
  const day = (from: string, days: number): string =>
    new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
  for (const [period, starts_on] of Object.entries(begins)) {
    for (let week = 1; week <= 12; week++) {
      const due_on = day(starts_on, 7 * week);
      assignment!.push({
        assignment: `${period} ${week}`,
        section: period,
        kind: "assignment",
        due_on,
        weight: 1,
        known_on: starts_on,
      });
    }
    for (let person = 0; person < LEARNERS; person++) {
      const learner = `${period}/${person}`;
      const effort = rng.next();
      enrolment!.push({
        ...{ learner, person: learner, period, school: "c", peer_group: period },
        ...{ starts_on, known_on: starts_on },
      });
      section!.push({ learner, section: period, course: "c", subject: "other", known_on: starts_on });
      const value = rng.next() < effort ? "Pass" : "Fail";
      outcomes!.push({ learner, name: "final_result", value, known_on: ends[period as keyof typeof ends] });
      for (let week = 1; week <= 12; week++) {
        if (rng.next() > effort) continue;
        const submitted_on = day(starts_on, 7 * week - 1);
        const score = 40 + Math.round(50 * effort);
        result!.push({ assignment: `${period} ${week}`, learner, submitted_on, score, known_on: submitted_on });
      }
    }
  }
  return attachRows({
    enrolment: enrolment!,
    section: section!,
    assignment: assignment!,
    result: result!,
    outcome: outcomes!,
  });
}

test("each week is ranked as of its day, from what was ripe by then, and judged by what came", async () => {
  const connection = await courses();
  const weeks = await rankWeekly(connection, { period: "2024B", days: [28, 140], outcome });
  expect(weeks.map(({ asOf, trainedOn }) => [asOf, trainedOn])).toEqual([
    ["2024-02-29", ["2023B"]], // 2023J is still running
    ["2024-06-20", ["2023B", "2023J"]],
  ]);
  expect(weeks.map(({ scheme }) => scheme)).toEqual(["held-out persons", "rolling origins"]);
  expect(weeks[0]!.stayed).toBeNull();
  expect(weeks[1]!.stayed).toBeGreaterThanOrEqual(0);
  for (const { auc, ranked, abstained, trainingRows, trainedOn } of weeks) {
    expect(auc).toBeGreaterThan(0.6);
    expect(ranked + abstained).toBe(LEARNERS);
    expect(trainingRows).toBe(LEARNERS * trainedOn.length);
  }
  const none = rankWeekly(connection, { period: "2025B", days: [28], outcome });
  await expect(none).rejects.toMatchObject({ code: "NOT_FOUND" });
});

const datasets = datasetsFolder();

test.skipIf(datasets === undefined)(
  "OULAD week 8 goes through the same engine: the handbook's floors hold on 2014J, which no training saw",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "cairn-oulad-"));
    try {
      const { folder: own } = await writeOuladSnapshot({ dir: join(datasets!, "oulad"), folder, clicks: false });
      const snapshot = await openSnapshotFolder(own);
      const [week] = await rankWeekly(snapshot.connection, { period: "2014J", days: [56], outcome });
      snapshot.close();
      expect(week!.trainedOn).toEqual(["2013B", "2013J", "2014B"]);
      expect(week!.ranked + week!.abstained).toBe(8877); // the risk set of the handbook, 2.2.3
      expect(week!.auc).toBeGreaterThan(0.77);
      expect(week!.brier).toBeLessThan(0.192);
      expect(week!.precisionAtTenth).toBeGreaterThan(0.85);
      expect(week!.rule!.ownPrecision).toBeGreaterThan(week!.rule!.precision as number);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  900_000,
);
