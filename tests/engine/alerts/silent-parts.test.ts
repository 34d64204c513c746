import { expect, test } from "vitest";
import { addDays } from "../../../src/engine/alerts/days.ts";
import { checkAlerts } from "../../../src/engine/alerts/raise.ts";
import { readRules } from "../../../src/engine/alerts/rules/rules.ts";
import type { PartDeliveries } from "../../../src/engine/alerts/rules/silent-parts.ts";
import { partSilences } from "../../../src/engine/alerts/rules/silent-parts.ts";
import { isWeekday } from "../../../src/engine/alerts/rules/silent-source.ts";
import { random } from "../../../src/numeric/random.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { cleanUp, query, unpacked } from "../../records/import/deliveries.ts";
import { useCairn } from "../district.ts";
import { school } from "./school.ts";

const rule = readRules({})["silent-source"];
const days = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addDays(from, index)).filter(isWeekday);
const all = days("2025-10-06", 40); // Monday the 6th of October to Friday the 14th of November
const part = (kind: string, at: string, own: readonly string[]): PartDeliveries => ({
  ...{ source: "sis · flat", kind, school: at, days: own },
});
const told = (parts: readonly PartDeliveries[], whole = all, today = "2025-11-15") =>
  partSilences(parts, new Map([["sis · flat", whole]]), today, rule).map(({ subject, happenedOn }) => [
    subject,
    happenedOn,
  ]);
const until = (last: string): string[] => all.filter((day) => day <= last);

test("no attendance since Friday, while the files go on: the kind is told, once, and not its schools", () => {
  const silent = [part("attendance", "Oak", until("2025-11-07")), part("attendance", "Elm", until("2025-11-07"))];
  const fine = [part("behavior", "Oak", all), part("behavior", "Elm", all)];
  expect(told([...silent, ...fine], all, "2025-11-13")).toEqual([]); // Monday to Wednesday missed, by Thursday not over
  expect(told([...silent, ...fine])).toEqual([["attendance · sis · flat", "2025-11-07"]]);
  expect(told(fine)).toEqual([]);
});

test("one school whose attendance stays away is told alone", () => {
  expect(told([part("attendance", "Oak", until("2025-11-07")), part("attendance", "Elm", all)])).toEqual([
    ["attendance · Oak · sis · flat", "2025-11-07"],
  ]);
});

test("when the whole source is away its parts say nothing more; a source without files speaks for itself", () => {
  const parts = [part("attendance", "Oak", until("2025-11-07")), part("behavior", "Oak", until("2025-11-07"))];
  expect(told(parts, until("2025-11-07"))).toEqual([]);
  const answers = { ...part("answers", "Oak", until("2025-11-07")), source: "platform" };
  expect(told([answers])).toEqual([["answers · platform", "2025-11-07"]]);
});

test("30 schools, a record on three days of four, 40 districts: a silence that is none is told to at most one district of ten", () => {
  let alarms = 0;
  for (let seed = 0; seed < 40; seed++) {
    const rng = random(`silence ${seed}`);
    const year = days("2025-09-01", 130);
    const parts = Array.from({ length: 30 }, (_, index) =>
      part(
        "attendance",
        `school ${index}`,
        year.filter(() => rng.next() < 0.75),
      ),
    );
    alarms += told(parts, year, "2026-01-10").length > 0 ? 1 : 0;
  }
  expect(alarms).toBeLessThanOrEqual(4);
});

const cairn = useCairn();
cleanUp();

test("a night tells the kind that stays away although its files come: once", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  for (const day of days("2025-11-10", 33)) {
    const row = day <= "2025-12-05" ? `1001,${day},tardy,false,,${day}\n` : "";
    const path = `${await unpacked({ "file.csv": `student_id,date,category,excused,reason,recorded_on\n${row}` })}/file.csv`;
    const source = { systemCode: "sis" };
    await importFlat(database, {
      ...{ tenantId, profile: "attendance", path, source },
      receivedAt: new Date(`${day}T16:00:00Z`),
    });
  }
  expect((await checkAlerts(cairn(), tenantId))["silent-source"]).toBe(1);
  expect((await checkAlerts(cairn(), tenantId))["silent-source"]).toBe(0);
  const rows = await query<{ subject: string; day: string }>(
    database,
    tenantId,
    "select subject, happened_on::text as day from alert where rule = 'silent-source'",
  );
  expect(rows).toEqual([{ subject: "attendance · sis · flat CSV attendance", day: "2025-12-05" }]);
});
