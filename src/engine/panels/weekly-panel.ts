import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import { featureCatalog } from "../../features/catalog.ts";
import { type PanelManifest, writePanel } from "../../features/panel-files.ts";
import { withSnapshot } from "../analysis.ts";
import { currentPeriod } from "../current-period.ts";
import { takeSnapshot } from "../intake/take-snapshot.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import type { Cairn } from "../runtime.ts";

const DAY_MILLISECONDS = 86_400_000;

/** Which weeks a panel has. */
export interface WeeklyPanelOptions {
  /** The day of the snapshot: nothing that happened or was known later is in any week. */
  readonly asOf: string;
  /** The first day a week may end on; the first day of the school year under way on `to` when left out. */
  readonly from?: string;
  /** The day the last week ends on; `asOf` when left out. */
  readonly to?: string;
  readonly signal?: AbortSignal;
}

/** A panel in the store. */
export interface WeeklyPanel extends PanelManifest {
  /** The folder with its files. */
  readonly path: string;
}

/** Every seventh day back from `to`, as long as it is not before `from`, oldest first. Both are calendar days. */
export function weeksBetween(from: string, to: string): string[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const weeks = Math.floor((last - first) / (7 * DAY_MILLISECONDS)) + 1;
  return Array.from({ length: Math.max(0, weeks) }, (_, week) => dayBefore(to, 7 * (weeks - 1 - week)));
}

const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * DAY_MILLISECONDS).toISOString().slice(0, 10);

/**
 * Builds the features of every learner at risk at the end of every week, each week as of its own day, and leaves them in the
 * store as Parquet. The same records, weeks and catalog give the same panel; one that is there already is not built again.
 * @throws CairnError `BAD_INPUT` for weeks that end after the snapshot or none at all, `CONFLICT` when no school year has begun,
 * `CANCELLED`
 */
export async function buildWeeklyPanel(
  cairn: Cairn,
  tenantId: string,
  { asOf, from, to = asOf, signal }: WeeklyPanelOptions,
  onProgress: ReportProgress = silent,
): Promise<WeeklyPanel> {
  if (to > asOf || (from !== undefined && from > to)) {
    throw new CairnError("BAD_INPUT", `expected weeks from ${from ?? "the start of the year"} to ${asOf}, got ${to}`, {
      hint: "let --from be no later than --to, and --to no later than --as-of",
    });
  }
  const { id: snapshotId } = await takeSnapshot(cairn, tenantId, "early-warning", asOf, onProgress);
  return withSnapshot(cairn.folders.snapshots, snapshotId, async (snapshot) => {
    const current = await currentPeriod(snapshot, to);
    if (current === undefined) {
      throw new CairnError("CONFLICT", `expected a school year that has begun by ${to}, got none`, {
        hint: "import the rosters, or choose a later day",
      });
    }
    const days = weeksBetween(from ?? dayBefore(to, current.offset), to);
    const name = contentHash(JSON.stringify(["panel", snapshotId, days, featureCatalog.version]));
    const path = join(cairn.folders.matrices, `panel-${name}`);
    const step = `features of ${days.length} weeks`;
    const written = await readPanel(path);
    onProgress(step, 0);
    const manifest =
      written ??
      (await writePanel({
        snapshot,
        snapshotId,
        asOf: days,
        folder: path,
        onProgress: (fraction) => onProgress(step, fraction),
        ...(signal === undefined ? {} : { signal }),
      }));
    onProgress(step, 1);
    return { ...manifest, path };
  });
}

/** What is there of a panel: its folder appears whole, so its manifest is enough. */
async function readPanel(path: string): Promise<PanelManifest | undefined> {
  const file = join(path, "panel.json");
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  return isThere ? (JSON.parse(await readFile(file, "utf8")) as PanelManifest) : undefined;
}
