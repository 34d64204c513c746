import { CairnError } from "../../errors.ts";
import type { ModelEvaluation } from "../evaluation/evaluation.ts";
import type { ModelRecord } from "../registry/models.ts";
import { readModelRecord } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import { PANEL_KIND } from "./model/panel.ts";
import { horizonOf } from "./outcomes/definition.ts";
import { LEAST_COVERAGE, LEAST_FAMILIAR } from "./score-rows.ts";
import type { BandMetrics, OutcomeMetrics, RiskMetrics } from "./train.ts";
import type { StoredAudit } from "./training/audit.ts";
import { describeFinding } from "./training/audit.ts";

/** What a model is, learned from and is good for: made from what the registry keeps, not by hand. */
export interface ModelCard {
  readonly modelId: string;
  readonly kind: string;
  readonly purpose: string;
  /** Snapshot, day, feature catalog, rows and periods. */
  readonly data: unknown;
  readonly outcomes: readonly OutcomeMetrics[];
  /** Who was suspended for the same conduct: what features of behavior inherit. */
  readonly sanctions: StoredAudit | null;
  /** Marks beside other evidence, by subject: what features and labels made of marks inherit. */
  readonly marks: StoredAudit[];
  /** What it must not be used for, and where it says nothing. */
  readonly limits: readonly string[];
}

/**
 * The card of an early-warning model.
 * @throws CairnError `NOT_FOUND`; `CONFLICT` for a model of another kind
 */
export async function readModelCard(cairn: Cairn, tenantId: string, modelId: string): Promise<ModelCard> {
  return cardOf(await readModelRecord(cairn, tenantId, modelId));
}

function cardOf({ modelId, kind, purpose, metrics, lineage }: ModelRecord): ModelCard {
  if (kind !== PANEL_KIND) {
    throw new CairnError("CONFLICT", `expected a model of kind ${PANEL_KIND}, got ${kind}`, {
      hint: "only early-warning models have a card so far",
    });
  }
  const { outcomes, sanctions = null, marks = [] } = metrics as RiskMetrics;
  return { modelId, kind, purpose, data: lineage, outcomes, sanctions, marks: [...marks], limits: limitsOf(outcomes) };
}

function limitsOf(outcomes: readonly OutcomeMetrics[]): string[] {
  const temporal = outcomes.every(({ bands }) => bands.every(({ scheme }) => scheme !== "held-out persons"));
  return [
    "For offering support. Not for sanctions, placement against a family's will, or any decision without a person.",
    `No number below ${100 * LEAST_COVERAGE} % known inputs, nor for learners unlike all but ${100 * LEAST_FAMILIAR} % of the training rows.`,
    "Protected attributes are audited and are no inputs. What the label or the records inherit from how adults decide, the audit of the flags cannot see.",
    "Learners who were helped because of a ranking look like false alarms to whoever learns from how they ended: see `cairn ranking judge`.",
    ...(temporal
      ? []
      : [
          "Judged on other persons of the same year, since only one year is finished: how it does a year later is not measured, and is as a rule worse.",
        ]),
  ];
}

/** The card as Markdown, for a page or a board meeting. */
export function describeCard(card: ModelCard): string {
  const data = card.data as { snapshotId?: string; asOf?: string; catalogVersion?: string };
  return [
    `# Model card ${card.modelId}`,
    "",
    `Purpose: ${card.purpose}. Kind: ${card.kind}. As of ${data.asOf ?? "?"}, snapshot \`${data.snapshotId ?? "?"}\`, feature catalog ${data.catalogVersion ?? "?"}.`,
    ...card.outcomes.flatMap(describeOutcome),
    "",
    "## What adults decided",
    "",
    ...describeAudit(card.sanctions, "incidents", "suspended"),
    ...card.marks.flatMap(describeMarks),
    "",
    "## Limits",
    "",
    ...card.limits.map((limit) => `- ${limit}`),
    "",
  ].join("\n");
}

function describeOutcome({ definition, periods, unripe, bands, fallbacks, absent }: OutcomeMetrics): string[] {
  const days = horizonOf(definition);
  return [
    "",
    `## ${definition.title} (\`${definition.outcome}\`)`,
    "",
    `Kind ${definition.kind}; window ${days === null ? "to the end of the period" : `${days} days ahead`}; labels ripe ${definition.maturityDays} days later. Periods: ${periods.join(", ") || "none"}.`,
    ...unripe.map(({ period, ripensOn }) => `Not ripe: ${period}${ripensOn === null ? "" : `, on ${ripensOn}`}.`),
    ...fallbacks.map(({ band, reason }) => `Grades ${band} use the model of all grades: ${reason}.`),
    ...(absent === undefined ? [] : [`Not learned: ${absent.reason} (${absent.hint}).`]),
    ...bands.flatMap(describeBand),
  ];
}

function describeBand(band: BandMetrics): string[] {
  const { heldOut, calibration, chosen } = band;
  const where =
    band.scheme === "held-out persons"
      ? "persons held out of the finished period"
      : "half of the persons of the last finished period, who had no say in the choice";
  const models = Object.entries(heldOut.models).sort(([, a], [, b]) => numberOf(a.auc) - numberOf(b.auc));
  return [
    "",
    `### ${band.band === null ? "All grades" : `Grades ${band.band}`}: ${chosen === "rule" ? "the rules do as well as any model, and are used" : chosen}`,
    "",
    `${band.rows} rows of ${band.learners} learners, ${band.positives} with the outcome. Chosen by ${band.scheme === "rolling origins" ? "Brier loss and precision on later periods" : "Brier loss and precision on held-out persons"}; measured on ${heldOut.rows.test} rows: ${where}.`,
    "",
    "| model | AUC | Brier | ECE (noise floor) | precision, top 10 % | precision at the rules' count |",
    "| --- | --- | --- | --- | --- | --- |",
    ...models.map(([name, model]) => row(name === chosen ? `**${name}**` : name, model)),
    "",
    calibration.accepted
      ? `Calibrated (Platt): Brier ${show(calibration.brierBefore)} to ${show(calibration.brierAfter)} on ${calibration.seenOn}.`
      : `Not calibrated further: Brier ${show(calibration.brierBefore)} would be ${show(calibration.brierAfter)} on ${calibration.seenOn}.`,
    `Intervals rest on ${band.evidenceRows} learners the model had not seen.`,
    "",
    ...describeAudit(band.audit ?? null, "learners held out", "on the list of a tenth"),
  ];
}

const row = (name: string, model: ModelEvaluation): string =>
  `| ${[
    name,
    show(model.auc),
    show(model.brier),
    `${show(model.ece)} (${show(model.eceNoiseFloor)})`,
    show(model.precisionAtTop["0.1"]),
    show(model.precisionAtRuleCount),
  ].join(" | ")} |`;

function describeAudit(audit: StoredAudit | null, who: string, what: string): string[] {
  if (audit === null) return ["No fairness audit: no protected attributes are recorded, or too few rows."];
  const rates = audit.groups.flatMap(({ attribute, group, rows, gaps }) => {
    const gap = (measure: string) => gaps.find((one) => one.measure === measure);
    const [selected, found, needless, calibrated] = [
      gap("selectionRate"),
      gap("truePositiveRate"),
      gap("falsePositiveRate"),
      gap("calibration"),
    ].map((one) => (one === undefined ? "withheld" : one.group.toFixed(3)));
    return rows === undefined
      ? [`| ${attribute} | ${group} | fewer than ${audit.minimumCell} | | | | |`]
      : [`| ${attribute} | ${group} | ${rows} | ${selected} | ${found} | ${needless} | ${calibrated} |`];
  });
  return [
    `Fairness audit of ${audit.rows} ${who}, ${audit.flagged} of them ${what}; ${audit.tests} tests, adjusted together:`,
    "",
    ...(audit.findings.length === 0
      ? ["- nothing that chance does not explain"]
      : audit.findings.map(
          (finding) => `- ${describeFinding(finding)} (adjusted p ${finding.adjustedP.toPrecision(2)})`,
        )),
    "",
    "| attribute | group | rows | selected | found of those with the outcome | flagged of those without | mean probability − outcome |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rates,
  ];
}

function describeMarks({ rows, tests, findings }: StoredAudit): string[] {
  return [
    "",
    `Marks of ${rows} learners and years beside their marks in the other subject and their tests; ${tests} tests, adjusted together:`,
    "",
    ...(findings.length === 0
      ? ["- nothing that chance does not explain"]
      : findings.map((finding) => `- ${describeFinding(finding)} (adjusted p ${finding.adjustedP.toPrecision(2)})`)),
  ];
}

const numberOf = (figure: unknown): number => (typeof figure === "number" ? figure : 0);

const show = (figure: unknown): string => (typeof figure === "number" ? figure.toFixed(3) : "–");
