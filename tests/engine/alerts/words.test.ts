import fc from "fast-check";
import { expect, test } from "vitest";
import { ruleNames } from "../../../src/engine/alerts/rules/rules.ts";
import { alertWords } from "../../../src/engine/alerts/words.ts";

const jargon = /standard|risk|probabilit|percent|%|score|rank|alert|capacity|mastery|data\b(?! *,)/i;

test("a family reads no number, no code and no term of the trade, whatever the standard is called", () => {
  const label = fc.constantFrom("Comparing fractions", "4.NF.A.2", "Numbers within 100", "ELA unit", null);
  const evidence = fc.record({ wrong: fc.nat(99), of: fc.nat(99), absences: fc.nat(99), days: fc.nat(99) });
  fc.assert(
    fc.property(
      fc.constantFrom(...ruleNames),
      label,
      fc.constantFrom("Tyler", null),
      evidence,
      (rule, named, givenName, counts) => {
        const words = alertWords("family", { rule, givenName, label: named, subject: "4.NF.A.2", evidence: counts });
        const text = Object.values(words).join(" ");
        expect(text).not.toMatch(/\d|undefined|null/);
        if (rule !== "silent-source") expect(text).not.toMatch(jargon);
        if (givenName !== null && rule !== "silent-source") expect(text).toContain("Tyler");
      },
    ),
  );
});

test("the school reads what happened, with its numbers", () => {
  const facts = {
    rule: "absences",
    givenName: null,
    label: null,
    subject: "attendance",
    evidence: { absences: 3, days: 14 },
  } as const;
  expect(alertWords("counselor", facts).headline).toBe("A learner has missed 3 days in 14");
  const silent = {
    ...facts,
    rule: "silent-source",
    subject: "sis",
    evidence: { missedDays: 2, everyDays: 1 },
  } as const;
  expect(alertWords("counselor", silent).text).toBe("Usually something comes every school day.");
});
