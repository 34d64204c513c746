import { replay } from "../../../models/mastery/online/replay.ts";
import type { Observation, TrackerState } from "../../../models/mastery/online/tracker.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import type { LiveModels } from "./models.ts";

/** Where a learner stands: what is kept between requests, in memory and in the record store. */
export interface Standing {
  /** Counts changes, from 1. */
  readonly version: number;
  readonly trackerId: string;
  readonly tracker: TrackerState;
  /** Activity → when it was completed last, ms of the wall clock. */
  readonly completed: ReadonlyMap<string, number>;
  lastStandard: string | null;
  /** What was said of modalities and settings: value → strength, −1 to 1. */
  readonly modalities: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, number>>;
  readonly interests: Readonly<Record<string, number>>;
}

/** A standing as the record store holds it. */
type StoredStanding = Omit<Standing, "version" | "trackerId" | "tracker" | "completed"> & {
  /** Base64. */
  readonly tracker: string;
  readonly completed: readonly (readonly [string, number])[];
};

/** A standing as JSON; equal standings, equal text. */
export function storeStanding({ tracker, completed, ...standing }: Standing, { tracker: model }: LiveModels): string {
  const { lastStandard, modalities, settings, interests } = standing;
  const stored: StoredStanding = {
    tracker: Buffer.from(model.store(tracker)).toString("base64"),
    completed: [...completed],
    lastStandard,
    modalities,
    settings,
    interests,
  };
  return JSON.stringify(stored);
}

/** A row of the table of standings. */
export interface StandingRow {
  readonly personId: string;
  readonly version: number;
  readonly trackerId: string;
  readonly state: unknown;
}

/** The way back from {@link storeStanding}. @throws CairnError `ARTIFACT_CORRUPT` when the tracker cannot read its state */
export function restoreStanding({ version, trackerId, state }: StandingRow, { tracker: model }: LiveModels): Standing {
  const { tracker, completed, ...rest } = state as StoredStanding;
  const bytes = new Uint8Array(Buffer.from(tracker, "base64"));
  return { ...rest, version, trackerId, tracker: model.restore(bytes), completed: new Map(completed) };
}

/**
 * Works a standing out from the record: every answer that still stands, results and observations on standards, completed
 * activities, what was said of likes.
 * @param ids - every id of the learner
 * @param version - what the new standing counts as
 */
export async function workOutStanding(
  tx: TenantTransaction,
  ids: readonly string[],
  models: LiveModels,
  version: number,
): Promise<Standing> {
  const observations = await observationsOf(tx, ids, models);
  const completed = await tx.sql<{ activity: string; at: number }[]>`
    select activity, (extract(epoch from max(at)) * 1000)::double precision as at from (
      select distinct on (record_key) * from activity_event where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and activity is not null and (completion or success or verb in ('completed', 'passed'))
    group by activity order by activity`;
  const said = await tx.sql<{ kind: "interest" | "modality" | "setting"; value: string; strength: number | null }[]>`
    select distinct on (kind, lower(value)) kind, value, strength from (
      select distinct on (record_key) * from preference where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and kind in ('interest', 'modality', 'setting')
    order by kind, lower(value), on_date desc, version_id desc`;
  const likes = (kind: string): Record<string, number> =>
    Object.fromEntries(
      said.flatMap((one) => (one.kind === kind ? [[one.value.toLowerCase(), one.strength ?? 1] as const] : [])),
    );
  const latest = observations.reduce<Observation | undefined>(
    (newest, one) => (newest === undefined || one.at >= newest.at ? one : newest),
    undefined,
  );
  return {
    version,
    trackerId: models.trackerId,
    tracker: replay(models.tracker, observations),
    completed: new Map(completed.map(({ activity, at }) => [activity, at])),
    lastStandard: latest === undefined ? null : models.tracker.standards[latest.standard]!,
    modalities: likes("modality"),
    settings: likes("setting"),
    interests: likes("interest"),
  };
}

/** What was seen of a learner on the standards of the library. */
async function observationsOf(
  tx: TenantTransaction,
  ids: readonly string[],
  { standardAt }: LiveModels,
): Promise<Observation[]> {
  const people = [...ids];
  const answers = await tx.sql<{ standard: string; item: string; outcome: number; at: number }[]>`
    select standard, item, correct as outcome, (extract(epoch from answered_at) * 1000)::double precision as at from (
      select distinct on (record_key) * from item_response where person_id = any(${people})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and standard is not null and correct between 0 and 1`;
  const results = await tx.sql<{ standard: string; outcome: number; at: number }[]>`
    select s.standard, s.score as outcome, (extract(epoch from coalesce(r.scored_on, r.known_on)::timestamp) * 1000)::double precision as at
    from (select distinct on (record_key) * from result where person_id = any(${people})
      order by record_key, known_on desc, version_id desc) r
    join lateral (
      select distinct on (record_key) * from standard_result where result_key = r.record_key
      order by record_key, known_on desc, version_id desc
    ) s on true where r.retracted_at is null and s.retracted_at is null and s.score between 0 and 1`;
  const seen = await tx.sql<{ standard: string; outcome: number; at: number }[]>`
    select standard, score as outcome, (extract(epoch from on_date::timestamp) * 1000)::double precision as at from (
      select distinct on (record_key) * from observation where person_id = any(${people})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and score between 0 and 1`;
  const observed = [
    ...answers.map((one) => ({ ...one, source: "response" as const })),
    ...results.map((one) => ({ ...one, source: "assessment" as const })),
    ...seen.map((one) => ({ ...one, source: "teacher" as const })),
  ];
  return observed.flatMap(({ standard, ...one }) => {
    const at = standardAt.get(standard);
    return at === undefined ? [] : [{ ...one, standard: at }];
  });
}
