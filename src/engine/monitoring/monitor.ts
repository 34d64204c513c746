import { createHash } from "node:crypto";
import { desc } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { monitoringReport } from "../../records/schema/index.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import { rulesInForce } from "../alerts/settings.ts";
import { silencesKnown } from "../alerts/silent.ts";
import { withSnapshot } from "../analysis.ts";
import { outcomesInForce } from "../early-warning/outcomes/register.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { Cairn } from "../runtime.ts";
import type { Abstention } from "./abstention.ts";
import { abstentionOf } from "./abstention.ts";
import type { BaseRate } from "./base-rate.ts";
import { baseRates } from "./base-rate.ts";
import type { DriftReport, Place } from "./drift.ts";
import { detectDrift, indexOf } from "./drift.ts";
import type { DriftRows } from "./drift-rows.ts";
import { driftInputOf, readDriftRows, rowsOf } from "./drift-rows.ts";
import type { RipenedCalibration, ScoreShift } from "./scores.ts";
import { ripenedCalibration, shiftOfScores, shownRankings } from "./scores.ts";
import type { SchoolNames } from "./words.ts";
import { featureWords, placeWords, schoolNames } from "./words.ts";

/** A source, a kind of its records, or a school's part of it from which nothing has come for longer than is usual. */
export interface StaleSource {
  readonly subject: string;
  /** The last day on which something came. */
  readonly since: string;
  /** School days missed when it was noticed. */
  readonly missedDays: number;
  /** The ranking that is shown was made after it fell silent: what rests on it was out of date. */
  readonly isInRanking: boolean;
}

/** The population stability index of a finding, week by week; null with too few known values. */
export interface DriftCurve {
  readonly name: string;
  readonly place: Place;
  /** Shape (weeks). */
  readonly psi: readonly (number | null)[];
}

/** What a look at a district found. Of no learner: counts, shares and medians of cells that are large enough. */
export interface MonitoringReport {
  readonly asOf: string;
  readonly snapshotId: string;
  /** Null: nothing to compare with, for the reason given. */
  readonly drift: DriftReport | null;
  readonly reason: string | null;
  /** The days of the curves, the last is `asOf`. */
  readonly weeks: readonly string[];
  /** Of the largest shifts of values. */
  readonly curves: readonly DriftCurve[];
  readonly baseRates: readonly BaseRate[];
  /** Null: no two rankings three weeks apart. */
  readonly scores: ScoreShift | null;
  /** Null: no ranking has ripened. */
  readonly calibration: RipenedCalibration | null;
  /** Null: no ranking is shown. */
  readonly abstention: Abstention | null;
  readonly stale: readonly StaleSource[];
  /** The names of the places that are schools. */
  readonly schools: SchoolNames;
  /** What a person should look at, in words, the most urgent first; none when nothing needs one. */
  readonly needs: readonly string[];
}

const CURVES = 6;

/**
 * Looks at a district as of a day and keeps what was found: which sources have fallen silent, what of the features has drifted from
 * earlier years, whether base rate, scores and calibration are as they were. It changes nothing but the list of reports.
 * @param weeks - how many weeks the curves go back, from 1; default 8
 */
export async function monitorDistrict(
  cairn: Cairn,
  tenantId: string,
  { asOf, weeks = 8 }: { readonly asOf: string; readonly weeks?: number },
  onProgress: ReportProgress = silent,
): Promise<MonitoringReport> {
  const { id: snapshotId } = await writeSnapshot(cairn.database, {
    ...{ tenantId, purpose: "early-warning", asOf },
    folder: cairn.folders.snapshots,
    onProgress: (_, fraction) => onProgress("snapshot for early warning", fraction),
  });
  onProgress("looking for drift", 0);
  const shown = await shownRankings(cairn, tenantId);
  const [outcome] = await outcomesInForce(cairn, tenantId);
  const looked = await withSnapshot(cairn.folders.snapshots, snapshotId, async (connection) => {
    const drift = await lookForDrift(() => readDriftRows(connection, asOf, outcome!, weeks));
    const calibration = await ripenedCalibration(cairn, tenantId, { connection, outcome: outcome!, asOf, shown });
    return { ...drift, calibration };
  });
  const found = {
    ...{ asOf, snapshotId },
    ...looked,
    scores: await shiftOfScores(cairn, tenantId, shown),
    abstention: await abstentionOf(cairn, tenantId, shown),
    stale: await staleSources(cairn, tenantId, shown.at(-1)?.asOf),
    schools: await inTenant(cairn.database, tenantId, schoolNames),
  };
  const report = { ...found, needs: needsOf(found) };
  await keep(cairn, tenantId, report);
  onProgress("looking for drift", 1);
  return report;
}

type Looked = Pick<MonitoringReport, "drift" | "reason" | "weeks" | "curves" | "baseRates">;

async function lookForDrift(read: () => Promise<DriftRows>): Promise<Looked> {
  try {
    const rows = await read();
    const last = rows.days.length - 1;
    const drift = detectDrift(driftInputOf(rows, last));
    const shifted = drift.findings.filter(({ kind }) => kind === "values").slice(0, CURVES);
    const inputs = shifted.length === 0 ? [] : rows.days.map((_, week) => driftInputOf(rows, week));
    const own = rowsOf(rows, last);
    const pick = (values: readonly string[]): string[] => own.map((row) => values[row]!);
    return {
      drift,
      reason: null,
      weeks: rows.days,
      curves: shifted.map(({ name, place }) => ({
        ...{ name, place },
        psi: inputs.map((input) => indexOf(input, name, place)),
      })),
      baseRates: baseRates({
        period: pick(rows.table.period),
        labels: Uint8Array.from(own, (row) => rows.labels[row]!),
        places: Object.fromEntries(Object.entries(rows.places).map(([name, values]) => [name, pick(values)])),
      }),
    };
  } catch (error) {
    // A district in its first year has nothing to compare with; its sources are watched all the same.
    if (!(error instanceof CairnError && error.code === "CONFLICT")) throw error;
    return { drift: null, reason: error.message, weeks: [], curves: [], baseRates: [] };
  }
}

async function staleSources(cairn: Cairn, tenantId: string, ranked: string | undefined): Promise<StaleSource[]> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const { rules } = await rulesInForce(tx);
    const known = await silencesKnown(tx, rules["silent-source"], cairn.now());
    return known
      .filter(({ isOver }) => !isOver)
      .map(({ subject, happenedOn, evidence }) => ({
        ...{ subject, since: happenedOn, missedDays: evidence.missedDays! },
        isInRanking: ranked !== undefined && ranked > happenedOn,
      }));
  });
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What a person should look at, in words. */
export function needsOf(report: Omit<MonitoringReport, "needs">): string[] {
  const { stale, drift, baseRates: rates, scores, calibration, abstention, schools } = report;
  const findings = drift?.findings ?? [];
  const placed = (place: Place): string => (place === null ? "" : `, ${placeWords(place, schools)}`);
  return [
    ...(abstention?.isMass ? [massAbstention(abstention)] : []),
    ...stale.map(
      ({ subject, since, isInRanking }) =>
        `nothing from ${subject} since ${since}${isInRanking ? "; the ranking that is shown used what was there before" : ""}`,
    ),
    ...findings
      // What is known of more learners than before is no loss; it stands among the findings.
      .filter(({ kind, reference, current }) => kind !== "values" && current > reference)
      .map(
        ({ kind, name, place, reference, current }) =>
          `${kind === "source" ? `nothing from ${name}` : `${featureWords(name)} is missing`} for ${percent(current)} of learners, was ${percent(reference)}${placed(place)}`,
      ),
    ...findings
      .filter(({ kind }) => kind === "values")
      .map(
        ({ name, place, reference, current, psi }) =>
          `${featureWords(name)} has shifted from ${tidy(reference)} to ${tidy(current)}, index ${psi!.toFixed(2)}${placed(place)}`,
      ),
    ...rates
      .filter(({ isShifted }) => isShifted)
      .map(
        ({ place, period, reference, current }) =>
          `the outcome came to ${percent(current)} in ${period}, ${percent(reference)} before${placed(place)}`,
      ),
    ...(scores?.isShifted
      ? [
          `scores have shifted since ${scores.comparedWith}: mean ${tidy(scores.meanBefore)}, now ${tidy(scores.meanNow)}`,
        ]
      : []),
    ...(calibration?.isOff
      ? [
          `probabilities of ${calibration.asOf} said ${percent(calibration.meanProbability)}, ${percent(calibration.shareObserved)} came: a retraining is due`,
        ]
      : []),
  ];
}

const massAbstention = ({ asOf, learners, abstained, unknown, unlike }: Abstention): string =>
  `the ranking of ${asOf} has no number for ${abstained} of ${learners} learners (${unknown} of whom too little is known, ${unlike} unlike the learners of earlier years): look at what was delivered before anybody uses it`;

const tidy = (value: number): string => String(Number(value.toPrecision(3)));

async function keep(cairn: Cairn, tenantId: string, report: MonitoringReport): Promise<void> {
  const createdAt = cairn.now();
  const text = JSON.stringify([createdAt.toISOString(), report]);
  const reportId = createHash("sha256").update(text).digest("hex").slice(0, 32);
  await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .insert(monitoringReport)
      .values({ tenantId, reportId, asOf: report.asOf, report, createdAt })
      .onConflictDoNothing(),
  );
}

/**
 * The last report of a district.
 * @throws CairnError `NOT_FOUND` before the first
 */
export async function readMonitoring(
  cairn: Cairn,
  tenantId: string,
): Promise<MonitoringReport & { readonly createdAt: string }> {
  const [row] = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm.select().from(monitoringReport).orderBy(desc(monitoringReport.createdAt)).limit(1),
  );
  if (row === undefined) {
    throw new CairnError("NOT_FOUND", "expected a report of monitoring, got none yet", { hint: "run `cairn monitor`" });
  }
  // Reports of before abstention was counted and schools were named have neither.
  return {
    ...{ abstention: null, schools: {} },
    ...(row.report as Omit<MonitoringReport, "abstention" | "schools">),
    createdAt: row.createdAt.toISOString(),
  };
}
