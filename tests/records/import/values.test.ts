import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  noteSlashOrder,
  readDate,
  readDuration,
  readGrade,
  readMoment,
  readNumber,
} from "../../../src/records/import/core/values.ts";

describe("dates", () => {
  test("every day that exists reads as itself, with or without a time", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1900-01-01"), max: new Date("2199-12-31"), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          expect(readDate(day, "unknown")).toEqual({ date: day, kind: "date" });
          expect(readDate(date.toISOString(), "unknown")).toEqual({ date: day, kind: "date-time" });
        },
      ),
    );
  });

  test.each(["2021-04-31", "2023-02-29", "2023-13-01", "2023-00-10", "31/04/2021", "32/01/2023"])(
    "%s is no day",
    (text) => {
      expect(readDate(text, "day-first").date).toBeUndefined();
    },
  );

  test.each([
    ["15/06/2023", "unknown", "2023-06-15"],
    ["06/15/2023", "unknown", "2023-06-15"],
    ["1/05/2023", "day-first", "2023-05-01"],
    ["1/05/2023", "month-first", "2023-01-05"],
    ["5/5/2023", "unknown", "2023-05-05"],
  ] as const)("%s, order %s, is %s", (text, order, date) => {
    expect(readDate(text, order)).toEqual({ date, kind: "slashes" });
  });

  test("an ambiguous date is refused when nothing in the file settles it", () => {
    expect(readDate("1/05/2023", "unknown").date).toBeUndefined();
  });

  test("a number above 12 proves the order", () => {
    const seen = { dayFirst: false, monthFirst: false };
    noteSlashOrder("1/05/2023, 2/06/2023", seen);
    expect(seen).toEqual({ dayFirst: false, monthFirst: false });
    noteSlashOrder("x,15/06/2023,y", seen);
    expect(seen).toEqual({ dayFirst: true, monthFirst: false });
  });
});

test("moments are UTC when they name a zone, and the clock's own when not", () => {
  expect(readMoment("2025-09-01T23:30:00-05:00")).toBe("2025-09-02 04:30:00.000");
  expect(readMoment("2025-09-01T23:30:00+0200")).toBe("2025-09-01 21:30:00.000");
  expect(readMoment("2025-09-01 23:30")).toBe("2025-09-01 23:30:00.000");
  expect(readMoment("2023-05-01T18:25:43.511Z")).toBe("2023-05-01 18:25:43.511");
  for (const wrong of ["2025-09-01", "2025-09-31T10:00:00Z", "2025-09-01T24:10:00Z", "yesterday"])
    expect(readMoment(wrong)).toBeUndefined();
});

test("durations, numbers and grades", () => {
  expect(readDuration("PT1H30M5.5S")).toBe(5405.5);
  expect(readDuration("P1DT1S")).toBe(86_401);
  for (const wrong of ["P", "PT", "1H", "PT1X"]) expect(readDuration(wrong)).toBeUndefined();
  expect(["85", "-1.5", ".5", "1e3"].map(readNumber)).toEqual([85, -1.5, 0.5, 1000]);
  for (const wrong of ["85.12 B+", "NaN", "Infinity", "0x10", "1,5", "1e999", ""])
    expect(readNumber(wrong)).toBeUndefined();
  expect(["09", "9", "KG", "0", "pk", "Other"].map(readGrade)).toEqual(["9", "9", "K", "K", "PK", "OTHER"]);
});
