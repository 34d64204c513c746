import { and, eq } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { playlistEntry } from "../../records/schema/index.ts";
import { findPseudonym, resolvePseudonyms } from "../../records/snapshot/pseudonyms.ts";
import { refusedPseudonyms } from "../access/refusals.ts";
import { withSnapshot } from "../analysis.ts";
import { latestRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Provenance } from "../batch/provenance.ts";
import { provenanceOf } from "../batch/provenance.ts";
import type { Cairn } from "../runtime.ts";
import type { Curriculum } from "./curriculum.ts";
import { readCurriculum, readEnrolled } from "./learning-data.ts";
import { learnerOfNumber } from "./live/learner.ts";
import { overridesInForce } from "./overrides.ts";

/** What a snapshot says besides the playlists made from it. */
interface Background {
  readonly curriculum: Curriculum;
  /** Pseudonyms of those who were enrolled on the day: everybody who has a playlist, an empty one too. */
  readonly enrolled: ReadonlySet<string>;
}

// Snapshots are immutable, so what was read of one stays true; a service shows the latest run, seldom more than one.
const backgrounds = new Map<string, Promise<Background>>();
const KEPT_BACKGROUNDS = 8;

function backgroundOf(folder: string, snapshotId: string, asOf: string): Promise<Background> {
  const kept = backgrounds.get(snapshotId);
  if (kept !== undefined) return kept;
  if (backgrounds.size >= KEPT_BACKGROUNDS) backgrounds.clear();
  const reading = withSnapshot(folder, snapshotId, async (connection) => ({
    curriculum: await readCurriculum(connection),
    enrolled: new Set(await readEnrolled(connection, asOf)),
  }));
  backgrounds.set(snapshotId, reading);
  reading.catch(() => backgrounds.delete(snapshotId)); // a failure is not remembered
  return reading;
}

/** One activity on a playlist, with its reason in words and the terms behind it. */
export interface ReadPlaylistItem {
  readonly position: number;
  readonly activity: string;
  readonly title: string;
  readonly standard: string;
  readonly standardLabel: string;
  readonly modality: string;
  readonly minutes: number;
  readonly score: number;
  readonly reasons: string[];
  readonly terms: Record<string, number>;
}

/** A learner's playlist of the latest published run. */
export interface ReadPlaylist {
  /** `modelId` names the model that ranks, `masteryModelId` the one that says what is mastered. */
  readonly provenance: Provenance & { readonly masteryModelId: string };
  /** The district's own number of the learner. */
  readonly learner: string;
  readonly minutes: number;
  readonly items: ReadPlaylistItem[];
}

/**
 * Every playlist of the latest published run: activity ids in order, by the district's number of the learner. Empty playlists
 * are left out.
 * @throws CairnError `NOT_FOUND` before the first run is published, `CONFLICT` when it has no playlists
 */
export async function listPlaylists(cairn: Cairn, tenantId: string): Promise<Map<string, string[]>> {
  const run = await latestRun(cairn, tenantId);
  inputsOf(run, "playlist");
  return inTenant(cairn.database, tenantId, async (tx) => {
    const refused = await refusedPseudonyms(tx, "playlist");
    const stored = await tx.orm
      .select({ pseudonym: playlistEntry.pseudonym, activity: playlistEntry.activity })
      .from(playlistEntry)
      .where(eq(playlistEntry.runId, run.runId))
      .orderBy(playlistEntry.pseudonym, playlistEntry.position);
    const rows = stored.filter(({ pseudonym }) => !refused.has(pseudonym));
    const people = await resolvePseudonyms(tx, "playlist", [...new Set(rows.map((row) => row.pseudonym))]);
    const playlists = new Map<string, string[]>();
    for (const { pseudonym, activity } of rows) {
      const person = people.get(pseudonym);
      const number = person?.districtNumber ?? person?.personId;
      if (number === undefined) continue;
      const activities = playlists.get(number) ?? [];
      activities.push(activity);
      playlists.set(number, activities);
    }
    return playlists;
  });
}

function standardOf({ activities, standards }: Curriculum, id: string): string {
  const index = activities.findIndex(({ activity }) => activity === id);
  return index < 0 ? "" : standards[activities[index]!.standard]!.standard;
}

/**
 * The playlist of a learner as the night left it, less what has been banned since. An empty one means that nothing is open: all that is within reach is done.
 * @param learner - the district's own number of the learner
 * @throws CairnError `NOT_FOUND` before the first run is published, and when the learner is unknown, not enrolled, or the family
 * decided against playlists (a caller may not learn which); `CONFLICT` when the run has no playlists
 */
export async function readPlaylist(cairn: Cairn, tenantId: string, learner: string): Promise<ReadPlaylist> {
  const run = await latestRun(cairn, tenantId);
  const { snapshotId, masteryId, recommenderId } = inputsOf(run, "playlist");
  const { curriculum, enrolled } = await backgroundOf(cairn.folders.snapshots, snapshotId, run.asOf);
  const rows = await inTenant(cairn.database, tenantId, async (tx) => {
    const pseudonym = await findPseudonym(tx, "playlist", learner);
    if (pseudonym === undefined || !enrolled.has(pseudonym)) return undefined;
    if ((await refusedPseudonyms(tx, "playlist")).has(pseudonym)) return undefined;
    const stored = await tx.orm
      .select()
      .from(playlistEntry)
      .where(and(eq(playlistEntry.runId, run.runId), eq(playlistEntry.pseudonym, pseudonym)))
      .orderBy(playlistEntry.position);
    // What a teacher has taken off the list since the night is off it.
    const found = await learnerOfNumber(tx, learner);
    const bans = (await overridesInForce(tx, found?.ids ?? [], cairn.now())).filter(({ kind }) => kind === "ban");
    const banned = new Set(bans.flatMap(({ activity, standard }) => activity ?? standard ?? []));
    return stored.filter(({ activity }) => !banned.has(activity) && !banned.has(standardOf(curriculum, activity)));
  });
  if (rows === undefined) {
    throw new CairnError("NOT_FOUND", "expected a learner with a playlist in the latest run, got none", {
      hint: "check the district's number of the learner; not everybody is enrolled or takes part",
    });
  }
  const { activities, standards } = curriculum;
  const byId = new Map(activities.map((activity) => [activity.activity, activity]));
  const items = rows.map((row, at): ReadPlaylistItem => {
    const { title, standard, modality, minutes } = byId.get(row.activity)!;
    const { words, terms } = row.reasons as { words: string[]; terms: Record<string, number> };
    return {
      position: at + 1,
      activity: row.activity,
      title,
      standard: standards[standard]!.standard,
      standardLabel: standards[standard]!.label,
      modality,
      minutes,
      score: row.score,
      reasons: words,
      terms,
    };
  });
  return {
    provenance: { ...provenanceOf(run, { modelId: recommenderId, snapshotId }), masteryModelId: masteryId },
    learner,
    minutes: items.reduce((total, item) => total + item.minutes, 0),
    items,
  };
}
