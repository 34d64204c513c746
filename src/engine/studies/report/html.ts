import { roundedBy, shownPart } from "../disclosure/coding.ts";
import type { Published } from "../disclosure/published.ts";
import type { StudyEstimate } from "../estimate.ts";
import { changedFields, type StudyLock } from "../lock.ts";
import type { StudyPlan } from "../plan-shape.ts";
import type { StudyReport } from "../run-study.ts";
import { dotChart, escapeHtml, type Mark } from "./charts.ts";
import { cautionWords, plainSummary } from "./words.ts";

/** What the report says of the registration; null when the plan was not locked. */
export type Registration = StudyLock | null;

const STYLE =
  "body{font:16px/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}" +
  "table{border-collapse:collapse;width:100%;font:14px/1.4 sans-serif}th,td{border-bottom:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}" +
  "td.n{text-align:right;font-variant-numeric:tabular-nums}.answer{border-left:4px solid #333;padding-left:1rem}@media print{body{margin:0}h2{break-after:avoid}table,svg{break-inside:avoid}}";

/**
 * The report as one HTML page without scripts: plain words first, then numbers, checks and methods. Counts and shares pass the disclosure rules
 * of the plan's `minimumGroup`; subgroups that are too small were never estimated.
 * @param published - what may be shown, by `publishedParts`
 */
export function htmlReport(
  report: StudyReport,
  plan: StudyPlan,
  registration: Registration,
  published: Published,
): string {
  const sections = [
    `<h1>${escapeHtml(report.question)}</h1>`,
    `<div class="answer">${paragraphs(plainSummary(report, plan))}</div>`,
    section("Who was studied", flow(report, plan, published)),
    section("Results", results(report.estimates) + forest(report.estimates)),
    section("Registered subgroups", subgroups(report, published)),
    section("Were the groups alike?", balance(report, published)),
    section("Checks", checks(report, published)),
    section("What a reviewer would say", verdict(report, published)),
    section("What could not be said", limits(report)),
    section("Methods and provenance", methods(report, plan, registration)),
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(report.question)}</title><style>${STYLE}</style></head><body>${sections.join("")}</body></html>\n`;
}

function section(title: string, body: string): string {
  return body === "" ? "" : `<h2>${title}</h2>${body}`;
}

function paragraphs(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join("");
}

function list(sentences: readonly string[]): string {
  return sentences.length === 0
    ? ""
    : `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("")}</ul>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const cells = (row: readonly string[]): string =>
    row.map((cell, i) => `<td${i === 0 ? "" : ' class="n"'}>${escapeHtml(cell)}</td>`).join("");
  return `<table><thead><tr>${head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</tbody></table>`;
}

function flow({ sample }: StudyReport, { minimumGroup: k }: StudyPlan, { losses }: Published): string {
  if (!("treatment" in sample)) {
    return table(["Rows", ""], [["in the file", shownPart(sample.rows, sample.rows, k)]]);
  }
  const arm = (name: string, { assigned, analysed }: { assigned: number; analysed: number }): string[] => [
    name,
    shownPart(assigned, assigned, k),
    losses ? String(analysed) : "not shown",
  ];
  return table(
    ["Arm", "assigned", "analysed"],
    [arm("intervention", sample.treatment), arm("comparison", sample.comparison)],
  ).concat(losses ? "" : list(["So few were lost that a count of the analysed would tell of them."]));
}

function nameOf({ estimator, part }: StudyEstimate): string {
  const name = estimator.replace("study/", "").replaceAll("-", " ");
  return part === null ? name : `${name}, ${part}`;
}

function results(estimates: readonly StudyEstimate[]): string {
  const number = (value: number | null, se: number | null): string =>
    value === null ? "–" : roundedBy(value, se ?? Number.NaN);
  return table(
    ["Estimator", "of", "effect", "SE", "interval", "p of no effect", "g"],
    estimates.map((row) => [
      nameOf(row),
      row.estimand,
      number(row.effect, row.se),
      number(row.se, row.se),
      row.ci === null ? "–" : `${number(row.ci[0], row.se)} to ${number(row.ci[1], row.se)}`,
      row.p === null ? "–" : row.p < 0.001 ? "< .001" : row.p.toFixed(3),
      row.effectSize === null ? "–" : row.effectSize.g.toFixed(2),
    ]),
  );
}

function forest(estimates: readonly StudyEstimate[]): string {
  const marks = estimates
    .filter(({ part }) => part === null)
    .map((row, i): Mark => ({ label: nameOf(row), value: row.effect, interval: row.ci, filled: i === 0 }));
  return dotChart(marks, { title: "Effects by estimator", lines: [0], axis: "effect in the units of the outcome" });
}

function subgroups({ subgroups: own }: StudyReport, { subgroups: shown }: Published): string {
  if (own === null) return "";
  const rows = shown.map(({ estimate, adjustedP }) => [
    estimate.part ?? "",
    roundedBy(estimate.effect, estimate.se ?? Number.NaN),
    estimate.ci === null ? "–" : estimate.ci.map((end) => roundedBy(end, estimate.se ?? Number.NaN)).join(" to "),
    adjustedP === null ? "–" : adjustedP < 0.001 ? "< .001" : adjustedP.toFixed(3),
  ]);
  const hidden =
    own.tooSmall === 0 && shown.length === own.shown.length ? [] : ["Some subgroups are too small to be shown."];
  return table(["Subgroup", "effect", "interval", "p, adjusted for all subgroups"], rows) + list(hidden);
}

function balance({ diagnostics }: StudyReport, { covariates }: Published): string {
  const own = diagnostics.balance;
  if (own === null || own.before.length === 0) return "";
  const after = own.matched ?? own.weighted;
  const marks = own.before.flatMap(({ covariate, difference }, i): Mark[] => {
    if (!covariates.has(covariate)) return [];
    const adjusted = after?.[i]?.difference ?? null;
    return [
      ...(difference === null
        ? []
        : [{ label: covariate, value: Math.abs(difference), interval: null, filled: false }]),
      ...(adjusted === null
        ? []
        : [{ label: `${covariate}, adjusted`, value: Math.abs(adjusted), interval: null, filled: true }]),
    ];
  });
  return (
    "<p>Differences before the study, in standard deviations. Good is left of .05; right of .25 the groups are too far apart.</p>" +
    dotChart(marks, {
      title: "Balance of covariates",
      lines: [0, 0.05, 0.1, 0.25],
      axis: "absolute standardised difference",
    }) +
    (covariates.size === own.before.length ? "" : list(["Some characteristics are too rare to be shown."]))
  );
}

function checks({ diagnostics }: StudyReport, { losses }: Published): string {
  const { overlap, sensitivity, attritionBounds, cutoff, panel } = diagnostics;
  const said: string[] = [];
  if (overlap !== null) {
    const { treatment, comparison } = overlap.effectiveSize;
    said.push(
      `The weights leave an effective ${treatment.toFixed(0)} treated and ${comparison.toFixed(0)} compared learners. Good is close to the counts above.`,
    );
  }
  if (sensitivity?.eValue) {
    said.push(
      `An unmeasured cause would have to raise both treatment and outcome ${sensitivity.eValue.estimate.toFixed(2)}-fold to explain the effect away (${sensitivity.eValue.limit.toFixed(2)}-fold for the interval).`,
    );
  }
  if (sensitivity?.robustness) {
    said.push(
      `An unmeasured cause would have to explain ${(100 * sensitivity.robustness.value).toFixed(1)} % of what is left of treatment and of outcome.`,
    );
  }
  if (sensitivity?.criticalGamma) {
    said.push(
      `Hidden bias of Γ = ${sensitivity.criticalGamma.toFixed(2)} within matched pairs would make the test inconclusive. Larger is better; 1 means it already is.`,
    );
  }
  if (attritionBounds !== null && losses) {
    said.push(
      `Whatever those who left would have scored, the effect on those who stay in either arm lies between ${attritionBounds.lower.toFixed(2)} and ${attritionBounds.upper.toFixed(2)}.`,
    );
  }
  if (cutoff !== null) {
    said.push(`Scores around the cutoff: p of "nobody chose a side" is ${cutoff.density.p.toFixed(3)}. Large is good.`);
    for (const { covariate, p } of cutoff.placebos)
      said.push(`${covariate} must not jump at the cutoff: p ${p === null ? "–" : p.toFixed(3)}. Large is good.`);
  }
  const events = (panel?.events ?? []).map(
    ({ since, effect, band }): Mark => ({
      label: `${since} periods since the start`,
      value: effect,
      interval: band,
      filled: since >= 0,
    }),
  );
  if (panel?.preTrend)
    said.push(
      `Before the start both groups changed alike: p ${panel.preTrend.p.toFixed(3)}. Large is good, and proves little.`,
    );
  const plot =
    events.length === 0
      ? ""
      : dotChart(events, {
          title: "Effects by time since the start",
          lines: [0],
          axis: "effect, with a band for all at once",
        });
  return list(said) + plot;
}

function verdict({ verdict: own }: StudyReport, { losses }: Published): string {
  if (own === null) return "";
  // With the shares lost and the assigned, a small count of the lost could be worked out.
  const reasons = own.rating.reasons.map((reason) =>
    losses || !reason.startsWith("Attrition is") ? reason : `${reason.split(":", 1)[0]}.`,
  );
  const tier = own.essaTier.verdict === null ? "none of the first three" : String(own.essaTier.verdict);
  return (
    `<p>What Works Clearinghouse: ${escapeHtml(own.rating.verdict)}.</p>${list(reasons)}` +
    `<p>Evidence tier under ESSA: ${tier}.</p>${list(own.essaTier.reasons)}`
  );
}

function limits({ estimates, notEstimated }: StudyReport): string {
  const cautions = [...new Set(estimates.flatMap((row) => row.cautions))].map(
    (caution) => cautionWords[caution] ?? caution,
  );
  return list([
    ...cautions,
    ...notEstimated.map(({ estimator, reason }) => `${estimator.replace("study/", "")}: ${reason}.`),
  ]);
}

function methods(report: StudyReport, plan: StudyPlan, registration: Registration): string {
  const { provenance } = report;
  const versions = registration?.versions ?? [];
  const registered =
    registration === null
      ? ["The plan was not registered before outcomes were read."]
      : versions.map(({ at, hash, reason }, i) =>
          i === 0
            ? `Registered ${at} (SHA-256 ${hash}).`
            : `Changed ${at}: ${reason} (${changedFields(versions[i - 1]!.plan, versions[i]!.plan).join(", ")}).`,
        );
  return `${list([
    ...registered,
    `Design: ${plan.design}. Standard errors: ${[...new Set(report.estimates.map((row) => row.standardError))].join(", ")}.`,
    `Legal basis of the data: ${plan.legalBasis}.`,
    `Plan ${provenance.planHash}, cairn ${provenance.version}, seed "${provenance.seed}".`,
  ])}<details><summary>The plan</summary><pre>${escapeHtml(JSON.stringify(plan, null, 2))}</pre></details>`;
}
