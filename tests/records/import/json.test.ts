import { expect, test } from "vitest";
import { parseForeignJson } from "../../../src/records/import/json.ts";
import { parseStrictJson } from "../../../src/records/import/xapi/strict-json.ts";

const nested = (levels: number): string => `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;

test("JSON nested deeper than a record can be is refused, however deep, before anybody walks through it", () => {
  expect(parseForeignJson(nested(200))).toEqual(JSON.parse(nested(200)));
  for (const levels of [202, 10_000, 400_000]) {
    expect(() => parseForeignJson(nested(levels)), `${levels} levels`).toThrow(SyntaxError);
    expect(() => parseStrictJson(nested(levels), "body")).toThrow(
      expect.objectContaining({ code: "BAD_INPUT", message: expect.stringContaining("body") }),
    );
  }
  expect(() => parseForeignJson("{")).toThrow(SyntaxError);
});
