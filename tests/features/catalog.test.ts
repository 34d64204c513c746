import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { featureCatalog, featureDefinition, featureFamilies } from "../../src/features/catalog.ts";
import { renderCatalog } from "../../src/features/catalog-page.ts";

const features = featureCatalog.families.flatMap((family) => family.features);

test("names are unique, and a family comes after those it requires", () => {
  expect(new Set(features.map((feature) => feature.name)).size).toBe(features.length);
  const seen = new Set<string>();
  for (const family of featureCatalog.families) {
    for (const required of "requires" in family ? family.requires : []) expect(seen).toContain(required);
    seen.add(family.name);
  }
});

test("no family reads labels, and none reads a protected attribute", () => {
  const context = {
    cohort: { table: "cohort", rows: 0 },
    wants: () => true,
  };
  for (const family of featureCatalog.families) {
    if ("sql" in family) expect(family.sql(context)).not.toMatch(/\b(outcome|protected_attribute)\b/);
    for (const feature of family.features) {
      expect(feature.sources).not.toContain("outcome");
      expect(feature.sources).not.toContain("protected_attribute");
    }
  }
});

test("a family that is not in the catalog is refused, and so is a feature", () => {
  expect(() => featureFamilies(["attendence"])).toThrow(expect.objectContaining({ code: "UNKNOWN_FEATURE" }));
  expect(() => featureDefinition("shoe_size")).toThrow(expect.objectContaining({ code: "UNKNOWN_FEATURE" }));
  expect(featureDefinition("attendance_rate").direction).toBe("lower is riskier");
});

test("docs/features.md says what the code does", () => {
  const page = existsSync("docs/features.md") ? readFileSync("docs/features.md", "utf8") : "";
  expect(page, "docs/features.md is stale: npm run build && node scripts/generate-feature-catalog.mjs").toBe(
    renderCatalog(featureCatalog),
  );
});
