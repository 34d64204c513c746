import type { FeatureCatalog } from "./catalog.ts";
import type { FeatureDefinition, FeatureFamily } from "./family.ts";
import { missingReasons } from "./missing.ts";

/** The catalog as a page in Markdown: `docs/features.md` is this text, and a test fails when it is not. */
export function renderCatalog(catalog: FeatureCatalog): string {
  const all = catalog.families.flatMap((family) => family.features);
  const features = all.length;
  const core = all.filter(({ use }) => use !== "detail").length;
  return [
    "# Features",
    "",
    "<!-- Written by scripts/generate-feature-catalog.mjs from src/features. Change the code, then run the script. -->",
    "",
    `Catalog version ${catalog.version}: ${features} features in ${catalog.families.length} families, ${core} of them core. A`,
    "feature row is one learner in one period as of one day. A record counts only when it happened on or before that day",
    "**and** was known on or before it. A missing cell is missing, never a silent zero; each feature says when a zero is",
    "real. Protected attributes and entitlements (meals, special education, language) are in no family.",
    "",
    ...howTheyCome,
    ...catalog.families.flatMap(renderFamily),
  ].join("\n");
}

const howTheyCome: readonly string[] = [
  "**Core and detail.** Core features are what models read by default; detail is built when asked for (`detail: true`). A",
  "district has some hundreds of labelled learners: of a measure that exists over six windows, as a change, a trend and a",
  "rank, a model gets the two or three that differ most (the whole year for the level, four weeks for the present, the",
  "change for who is getting worse), because columns that say nearly the same cost more in noise than they add. Short",
  "windows (one and two weeks) serve alerts and pages. Ranks are core where calendars differ between courses.",
  "",
  "**Windows**: this week (`_7_days`), two, four and nine weeks, the term (`_term`), the period to date (no suffix).",
  "**Views**: the level; `_change`, the last four weeks against the learner's own time before; `_trend`, the slope over nine",
  "weeks; `_rank`, the place among the learner's peers on the day. All follow from one declaration per measure.",
  "",
  "**Why a cell is missing** stands beside it as a code:",
  "",
  ...missingReasons.map((reason, code) => `${code}. ${reason}`).slice(1),
  "",
];

function renderFamily(family: FeatureFamily): string[] {
  const required = !("requires" in family) ? "" : `, computed from ${family.requires.join(", ")}`;
  return [
    `## ${family.name}`,
    "",
    `Version ${family.version}${required}.`,
    "",
    "| feature | meaning | unit | direction | when missing | can change | counselor's heading | sources | use | since |",
    "|---|---|---|---|---|---|---|---|---|---|",
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
    feature.use ?? "core",
    feature.sinceVersion,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
