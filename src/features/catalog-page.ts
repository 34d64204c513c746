import type { FeatureCatalog } from "./catalog.ts";
import type { FeatureDefinition, FeatureFamily } from "./family.ts";

/** The catalog as a page in Markdown: `docs/features.md` is this text, and a test fails when it is not. */
export function renderCatalog(catalog: FeatureCatalog): string {
  const features = catalog.families.reduce((sum, family) => sum + family.features.length, 0);
  return [
    "# Features",
    "",
    "<!-- Written by scripts/generate-feature-catalog.mjs from src/features. Change the code, then run the script. -->",
    "",
    `Catalog version ${catalog.version}: ${features} features in ${catalog.families.length} families. A feature row is one`,
    "learner in one period as of one day. A record counts only when it happened on or before that day **and** was known on",
    "or before it. A missing cell is missing, never a silent zero; each feature says when a zero is real. Protected",
    "attributes are in no family.",
    "",
    ...catalog.families.flatMap(renderFamily),
  ].join("\n");
}

function renderFamily(family: FeatureFamily): string[] {
  const required = family.requires === undefined ? "" : `, computed from ${family.requires.join(", ")}`;
  return [
    `## ${family.name}`,
    "",
    `Version ${family.version}${required}.`,
    "",
    "| feature | meaning | unit | direction | when missing | can change | counselor's heading | sources | since |",
    "|---|---|---|---|---|---|---|---|---|",
    ...family.features.map(renderFeature),
    "",
  ];
}

function renderFeature(feature: FeatureDefinition): string {
  const cells = [
    `\`${feature.name}\``,
    feature.meaning,
    feature.unit,
    feature.direction,
    feature.missing,
    feature.actionable ? "yes" : "no",
    feature.group,
    feature.sources.join(", "),
    feature.sinceVersion,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
