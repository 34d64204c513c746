import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import type { ResolvedPerson } from "../../records/snapshot/pseudonyms.ts";
import { resolvePseudonyms } from "../../records/snapshot/pseudonyms.ts";
import { latestRun, type PublishedRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Provenance } from "../batch/provenance.ts";
import { provenanceOf } from "../batch/provenance.ts";
import { readModelRecord } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import { caseloadRule, isOfCaseload } from "./ranking/caseload.ts";
import type { RiskChange } from "./ranking/change.ts";
import { changeOf } from "./ranking/change.ts";
import type { Cut, CutRequest } from "./ranking/cut.ts";
import { cutList } from "./ranking/cut.ts";
import type { Placed, ScoreSource, StoredScore } from "./ranking/read-scores.ts";
import { placesOf, runBefore, scoresOf, sourceOf, thrivingIn } from "./ranking/read-scores.ts";
import type { StaleInput } from "./ranking/stale.ts";
import { staleInputs } from "./ranking/stale.ts";
import type { Tried } from "./ranking/tried.ts";
import { triedWith } from "./ranking/tried.ts";
import type { RiskReason } from "./reasons.ts";
import type { Thriving } from "./thriving.ts";
import type { RiskMetrics } from "./train.ts";

/** One learner of the ranking, by name: this leaves the engine only towards those who may see it. */
export interface RankedLearner {
  readonly rank: number;
  /** The district's own number of the learner. */
  readonly learner: string;
  readonly name: string;
  readonly school: string;
  readonly grade: string;
  /** Chance of the outcome, in [0, 1]; null when too little is known to say. */
  readonly probability: number | null;
  /** The interval of the probability; null without one. */
  readonly low: number | null;
  readonly high: number | null;
  /** Why there is no probability; null when there is one. */
  readonly abstained: string | null;
  /** Share of the model's inputs that are known for this learner, in [0, 1]. */
  readonly coverage: number;
  /** What raises the risk: what somebody can act on first. */
  readonly reasons: readonly RiskReason[];
  /** What lowers it, the strongest first. */
  readonly strengths: readonly RiskReason[];
  /** Others of the caseload with exactly this probability: their order among each other means nothing. */
  readonly tied: number;
  /** Null: not in the ranking before, or there was none. */
  readonly change: RiskChange | null;
  readonly tried: readonly Tried[];
  /** What speaks for offering more; null where nothing does. */
  readonly thriving: Thriving | null;
}

/** The learners most at risk, with what the ranking was made from. */
export interface Ranking {
  readonly provenance: Provenance;
  readonly model: {
    readonly name: string;
    /** The district's rules rank as well, and are what is shown. */
    readonly rulesDoAsWell: boolean;
  };
  /** What is ranked by. */
  readonly outcome: { readonly name: string; readonly title: string };
  /** Learners scored in all, less those whose families have said no since. */
  readonly learners: number;
  readonly cut: Cut;
  /** Sources that had fallen silent before its day: what it says rests on what was there until then. */
  readonly stale: readonly StaleInput[];
  readonly entries: readonly RankedLearner[];
}

/** What to rank, and for whom. */
export interface RankingQuery extends CutRequest {
  /** A school by its name. */
  readonly school?: string;
  /** One of the district's outcomes; the one it ranks by when left out. */
  readonly outcome?: string;
  /** Only the caseload of this counselor, a person of the record. */
  readonly counselor?: string;
}

/**
 * The latest published ranking for a caseload, cut where it is asked to be. Abstentions come last, with their reason. Equal
 * probabilities are ordered by the learner's random code: stable, without meaning, and said.
 * @throws CairnError `NOT_FOUND` before the first run is published, for an outcome it does not have and for a counselor without a
 * caseload; `CONFLICT` when the run has no ranking; `BAD_INPUT` for a cut that is none
 */
export async function readRanking(cairn: Cairn, tenantId: string, query: RankingQuery): Promise<Ranking> {
  const run = await latestRun(cairn, tenantId);
  const inputs = inputsOf(run, "risk");
  const metrics = (await readModelRecord(cairn, tenantId, inputs.modelId)).metrics as RiskMetrics;
  const outcomes = outcomesOf(metrics);
  const source = sourceOf(
    run.runId,
    outcomes.map(({ name }) => name),
    query.outcome,
  );
  const outcome = outcomes.find(({ name }) => name === source.outcome) ?? outcomes[0]!;
  return inTenant(cairn.database, tenantId, async (tx) => {
    const places = await placesOf(tx, source);
    const own = await ofCaseload(tx, places, query);
    const { shown, cut } = cutList(
      own.map(({ probability }) => probability),
      query,
    );
    const entries = await describe(tx, run, source, own, shown);
    const chosenBefore = await chosenOf(cairn, tenantId, entries.modelBefore);
    return {
      provenance: provenanceOf(run, inputs),
      model: { name: outcome.chosen, rulesDoAsWell: outcome.chosen === "rule" },
      outcome: { name: outcome.name, title: outcome.title },
      learners: places.length,
      cut,
      stale: await staleInputs(tx, run.asOf),
      entries: entries.finish(chosenBefore !== undefined && chosenBefore !== metrics.chosen),
    };
  });
}

/** The outcomes a model knows; one that was trained before outcomes had names knows one. */
function outcomesOf({ outcomes, chosen }: RiskMetrics): { name: string; title: string; chosen: string }[] {
  const known = (outcomes ?? []).filter(({ bands }) => bands.length > 0);
  if (known.length === 0) return [{ name: "off-track", title: "Off track", chosen }];
  return known.map(({ definition, bands }) => ({
    name: definition.outcome,
    title: definition.title,
    chosen: bands[0]!.chosen,
  }));
}

async function chosenOf(cairn: Cairn, tenantId: string, modelId: string | undefined): Promise<string | undefined> {
  if (modelId === undefined) return undefined;
  return ((await readModelRecord(cairn, tenantId, modelId)).metrics as RiskMetrics).chosen;
}

/** The learners of a school and of a counselor, in order. Without either nobody is named who is not shown. */
async function ofCaseload(
  tx: TenantTransaction,
  places: readonly Placed[],
  { school, counselor }: RankingQuery,
): Promise<readonly Placed[]> {
  if (school === undefined && counselor === undefined) return places;
  const rule = counselor === undefined ? {} : await caseloadRule(tx, counselor);
  const people = await resolvePseudonyms(
    tx,
    "early-warning",
    places.map(({ pseudonym }) => pseudonym),
  );
  return places.filter(({ pseudonym }) => {
    const person = people.get(pseudonym);
    return person !== undefined && (school === undefined || person.school === school) && isOfCaseload(rule, person);
  });
}

interface Described {
  /** The model of the ranking before; undefined without one. */
  readonly modelBefore: string | undefined;
  finish(isOtherModel: boolean): RankedLearner[];
}

async function describe(
  tx: TenantTransaction,
  run: PublishedRun,
  source: ScoreSource,
  caseload: readonly Placed[],
  shown: number,
): Promise<Described> {
  const pseudonyms = caseload.slice(0, shown).map(({ pseudonym }) => pseudonym);
  const scores = await scoresOf(tx, source, pseudonyms);
  const people = await resolvePseudonyms(tx, "early-warning", pseudonyms);
  const before = await runBefore(tx, run);
  const said =
    before === undefined
      ? new Map<string, StoredScore>()
      : await scoresOf(tx, { runId: before.runId, outcome: source.outcome }, pseudonyms);
  const tried = await triedWith(
    tx,
    [...people.values()].map(({ personId }) => personId),
    run.asOf,
  );
  const alike = new Map<number | null, number>();
  for (const { probability } of caseload) alike.set(probability, (alike.get(probability) ?? 0) + 1);
  const known = pseudonyms.flatMap((pseudonym) => {
    const [score, person] = [scores.get(pseudonym), people.get(pseudonym)];
    return score === undefined || person === undefined ? [] : [{ score, person, earlier: said.get(pseudonym) }];
  });
  return {
    modelBefore: before?.modelId,
    finish: (isOtherModel) =>
      known.map(({ score, person, earlier }, index) => ({
        rank: index + 1,
        ...nameOf(person),
        ...shownScore(score),
        tied: score.probability === null ? 0 : (alike.get(score.probability) ?? 1) - 1,
        change:
          earlier === undefined || before === undefined
            ? null
            : changeOf(score, earlier, { since: before.asOf, isOtherModel, interval: intervalOf(score) }),
        tried: tried.get(person.personId) ?? [],
      })),
  };
}

function nameOf(person: ResolvedPerson): Pick<RankedLearner, "learner" | "name" | "school" | "grade"> {
  return {
    learner: person.districtNumber ?? person.personId,
    name: [person.givenName, person.familyName].filter(Boolean).join(" "),
    school: person.school ?? "",
    grade: person.grade ?? "",
  };
}

function shownScore({ pseudonym: _, coverage, ...score }: StoredScore) {
  return { ...score, coverage: coverage ?? 0 };
}

function intervalOf({ low, high }: StoredScore): { low: number; high: number } | null {
  return low === null || high === null ? null : { low, high };
}

/** A learner to whom more could be offered. */
export type ThrivingLearner = Pick<RankedLearner, "learner" | "name" | "school" | "grade"> & Thriving;

/**
 * Learners of the latest run to whom more could be offered, those with the most evidence first.
 * @throws CairnError as {@link readRanking}
 */
export async function readThriving(
  cairn: Cairn,
  tenantId: string,
  query: Omit<RankingQuery, "outcome" | "threshold" | "costs">,
): Promise<{ readonly provenance: Provenance; readonly learners: number; readonly entries: ThrivingLearner[] }> {
  const run = await latestRun(cairn, tenantId);
  const inputs = inputsOf(run, "risk");
  return inTenant(cairn.database, tenantId, async (tx) => {
    const places = await placesOf(tx, { runId: run.runId, outcome: null });
    const own = await ofCaseload(tx, places, query);
    const included = new Set(own.map(({ pseudonym }) => pseudonym));
    const flagged = (await thrivingIn(tx, run.runId))
      .filter(({ pseudonym }) => included.has(pseudonym))
      .map(({ pseudonym, thriving }) => ({ pseudonym, ...thriving }))
      .sort((a, b) => b.evidence.length - a.evidence.length || (a.pseudonym < b.pseudonym ? -1 : 1));
    const people = await resolvePseudonyms(
      tx,
      "early-warning",
      flagged.map(({ pseudonym }) => pseudonym),
    );
    const entries = flagged.slice(0, query.limit).flatMap(({ pseudonym, ...thriving }) => {
      const person = people.get(pseudonym);
      return person === undefined ? [] : [{ ...nameOf(person), ...thriving }];
    });
    return { provenance: provenanceOf(run, inputs), learners: flagged.length, entries };
  });
}
