import { replay } from "../../../models/mastery/online/replay.ts";
import type { Observation, TrackerState } from "../../../models/mastery/online/tracker.ts";
import type { DataClass } from "../../../records/consent/data-classes.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { readRecordObservations } from "../../mastery/record-observations.ts";
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
 * @param allowed - whether the family lets a kind of data be used; all when absent: what is stored serves later requests too
 */
export async function workOutStanding(
  tx: TenantTransaction,
  ids: readonly string[],
  models: LiveModels,
  version: number,
  allowed: (dataClass: DataClass) => boolean = () => true,
): Promise<Standing> {
  const observations = await readRecordObservations(tx, ids, models.standardAt, allowed);
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
