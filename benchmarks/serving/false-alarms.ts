import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { readTruth } from "../../datasets/synthetic/truth.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { withSnapshot } from "../../src/engine/analysis.ts";
import { describeFinding } from "../../src/engine/early-warning/training/audit.ts";
import { auditMarks } from "../../src/engine/early-warning/training/audit-marks.ts";
import { auditSanctions } from "../../src/engine/early-warning/training/audit-sanctions.ts";
import type { AuditFinding } from "../../src/engine/fairness/audit.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import { monitorDistrict } from "../../src/engine/monitoring/monitor.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";

const AS_OF = "2025-12-12";

/** What the detectors said of one district of which all is known. */
export interface Alarms {
  readonly seed: string;
  readonly hasDrift: boolean;
  /** Shifts of values at the school with the planted drift: of marks, or of attendance codes. */
  readonly driftFound: boolean;
  /** Names and places of shifts of marks or attendance where none was planted. */
  readonly driftElsewhere: readonly string[];
  /** Every other shift of values: what the calendar and the growth of the record bring. */
  readonly otherShifts: readonly string[];
  /** The school that suspends one group more often for the same conduct. */
  readonly biasFound: boolean;
  /** The school that marks boys lower in English than their other marks say. */
  readonly marksFound: boolean;
  /** Of 20 audits with the groups dealt anew among the learners of each school, those with a finding. */
  readonly dealtAlarms: number;
  /** Findings of another group, or at another school. */
  readonly biasElsewhere: readonly string[];
}

const isPlantedKind = (feature: string): boolean => /^(score_mean_change|tardies|absences|attendance)/.test(feature);

const DEALS = 20;

/** What both audits of decisions find. */
async function auditDecisionsOf(connection: DuckDBConnection): Promise<AuditFinding[]> {
  const sanctions = (await auditSanctions(connection))?.findings ?? [];
  return [...sanctions, ...(await auditMarks(connection)).flatMap(({ findings }) => findings)];
}

/** Groups dealt anew among the learners of a school: then nobody is treated unlike anybody, and every finding is a false alarm. */
async function alarmsOfDealt(connection: DuckDBConnection): Promise<number> {
  await connection.run(`CREATE TABLE who AS
    SELECT person, name, min(value) AS value FROM protected_attribute JOIN enrolment USING (learner) GROUP BY ALL`);
  await connection.run("DROP VIEW protected_attribute");
  let alarms = 0;
  for (let deal = 0; deal < DEALS; deal++) {
    await connection.run(`CREATE OR REPLACE TABLE protected_attribute AS
      WITH seat AS (SELECT person, min(school) AS school FROM enrolment GROUP BY person),
      own AS (SELECT *, row_number() OVER (PARTITION BY school ORDER BY person) AS place FROM seat),
      dealt AS (SELECT person AS donor, school, row_number() OVER (PARTITION BY school ORDER BY md5(person || ' ${deal}')) AS place FROM seat)
      SELECT DISTINCT e.learner, w.name, w.value
      FROM (SELECT learner, person FROM enrolment) e JOIN own USING (person) JOIN dealt USING (school, place) JOIN who w ON w.person = dealt.donor`);
    if ((await auditDecisionsOf(connection)).length > 0) alarms += 1;
  }
  return alarms;
}

async function alarmsOf(cairn: Cairn, seed: string, students: number, hasDrift: boolean): Promise<Alarms> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-alarms-"));
  try {
    await writeDistrict({
      folder,
      students,
      seed,
      asOf: AS_OF,
      drift: hasDrift,
      profiles: false,
      interventions: false,
    });
    const tenantId = await ensureTenant(cairn, seed, seed);
    await importDistrict(cairn, tenantId, folder);
    const { drift, snapshotId } = await monitorDistrict(cairn, tenantId, { asOf: AS_OF, weeks: 1 });
    const { findings, dealt } = await withSnapshot(cairn.folders.snapshots, snapshotId, async (connection) => ({
      findings: await auditDecisionsOf(connection),
      dealt: await alarmsOfDealt(connection),
    }));
    const truth = await readTruth(folder);
    const biases = truth.planted.filter(({ kind }) => kind === "bias");
    const drifted = truth.planted.find(({ kind }) => kind === "drift");
    const shifts = (drift?.findings ?? []).filter(({ kind }) => kind === "values");
    // A drift of one school is also seen in all schools together and in its grades: only another school is elsewhere.
    const isThere = (place: { readonly value: string; readonly column: string } | null): boolean =>
      drifted !== undefined && (place?.column !== "school" || place.value.endsWith(drifted.schoolId));
    const told = ({ name, place }: (typeof shifts)[number]): string => `${name} ${place?.value ?? "everybody"}`;
    const planted = shifts.filter(({ name }) => isPlantedKind(name));
    // Boys marked lower are girls marked higher; marks beside the other subject's are that subject's beside these, turned round.
    const isBias = (of: "suspension" | "English", { group, place, measure }: AuditFinding): boolean =>
      (measure === "marks") === (of === "English") &&
      biases.some(
        (one) =>
          one.what.includes(of) &&
          (of === "English" ? /male$/.test(group) : group.startsWith(one.group)) &&
          (place === undefined || place.value.endsWith(one.schoolId)),
      );
    const isEither = (one: AuditFinding): boolean => isBias("suspension", one) || isBias("English", one);
    return {
      ...{ seed, hasDrift },
      driftFound: planted.some(({ place }) => place?.column === "school" && isThere(place)),
      driftElsewhere: planted.filter(({ place }) => !isThere(place)).map(told),
      otherShifts: shifts.filter(({ name }) => !isPlantedKind(name)).map(told),
      biasFound: findings.some((one) => isBias("suspension", one) && one.place !== undefined),
      marksFound: findings.some((one) => isBias("English", one) && one.place !== undefined),
      dealtAlarms: dealt,
      biasElsewhere: findings.filter((one) => !isEither(one)).map((one) => describeFinding(one)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Districts of fresh seeds, each once without drift and once with it; every one has the school with biased suspensions. How often
 * the detectors speak where nothing was planted, and how often they find what was.
 */
export async function falseAlarms(
  seeds: readonly string[],
  students: number,
  onProgress: (done: Alarms) => void,
): Promise<Alarms[]> {
  const results: Alarms[] = [];
  for (const seed of seeds) {
    for (const hasDrift of [false, true]) {
      const found = await inHomeOfItsOwn((cairn) =>
        alarmsOf(cairn, `alarms-${seed}-${hasDrift ? "drift" : "still"}`, students, hasDrift),
      );
      results.push(found);
      onProgress(found);
    }
  }
  return results;
}

/** A record store for one district: many tenants in one that was never analysed make the planner choose badly. */
async function inHomeOfItsOwn<T>(work: (cairn: Cairn) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "cairn-alarms-home-"));
  const cairn = await openCairn(readConfiguration({ CAIRN_HOME: home }), {
    now: () => new Date(Date.UTC(2025, 11, 13)),
  });
  try {
    return await work(cairn);
  } finally {
    await cairn.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** The rates as lines to read. */
export function describeAlarms(results: readonly Alarms[]): string {
  const count = (rows: readonly Alarms[], is: (one: Alarms) => boolean): string =>
    `${rows.filter(is).length} of ${rows.length}`;
  const [still, drifting] = [results.filter(({ hasDrift }) => !hasDrift), results.filter(({ hasDrift }) => hasDrift)];
  return [
    `drift of marks or attendance told where none was planted: ${count(still, ({ driftElsewhere }) => driftElsewhere.length > 0)} districts without drift`,
    `the same at another school: ${count(drifting, ({ driftElsewhere }) => driftElsewhere.length > 0)} districts with drift`,
    `planted drift found at its school: ${count(drifting, ({ driftFound }) => driftFound)}`,
    `other shifts of values told: ${count(still, ({ otherShifts }) => otherShifts.length > 0)} districts without drift`,
    `planted bias found at its school: ${count(results, ({ biasFound }) => biasFound)}`,
    `planted bias of marks found at its school: ${count(results, ({ marksFound }) => marksFound)}`,
    `bias told with the groups dealt anew: ${results.reduce((sum, { dealtAlarms }) => sum + dealtAlarms, 0)} of ${DEALS * results.length} audits`,
    `bias told of another group or school: ${count(results, ({ biasElsewhere }) => biasElsewhere.length > 0)}`,
    "",
  ].join("\n");
}
