import { z } from "zod";
import { CairnError, isErrorCode } from "../../errors.ts";
import type { RunPart, RunParts } from "./parts.ts";

const absence = z.object({
  code: z.string().refine(isErrorCode),
  reason: z.string(),
  hint: z.string(),
});

const schema = z.object({
  snapshotIds: z.object({ risk: z.string().optional(), playlist: z.string().optional() }),
  modelIds: z.object({
    risk: z.string().optional(),
    mastery: z.string().optional(),
    recommender: z.string().optional(),
    absent: z.object({ risk: absence.optional(), playlist: absence.optional() }).optional(),
  }),
});

/** The columns of a run's record that say what its parts were made from, and why a part is absent. */
export type StoredParts = z.infer<typeof schema>;

/** Writes the parts of a run as its record keeps them: ids by part, and the reason where a part has none. */
export function storeParts({ risk, playlist }: RunParts): StoredParts {
  return {
    snapshotIds: {
      ...(risk.status === "made" ? { risk: risk.inputs.snapshotId } : {}),
      ...(playlist.status === "made" ? { playlist: playlist.inputs.snapshotId } : {}),
    },
    modelIds: {
      ...(risk.status === "made" ? { risk: risk.inputs.modelId } : {}),
      ...(playlist.status === "made"
        ? { mastery: playlist.inputs.masteryId, recommender: playlist.inputs.recommenderId }
        : {}),
      absent: { ...reasonOf("risk", risk), ...reasonOf("playlist", playlist) },
    },
  };
}

function reasonOf(kind: keyof RunParts, part: RunPart<unknown>): NonNullable<StoredParts["modelIds"]["absent"]> {
  if (part.status === "made") return {};
  const { code, reason, hint } = part;
  return { [kind]: { code, reason, hint } };
}

/**
 * The way back from {@link storeParts}.
 * @throws CairnError `INTERNAL` for a record that no version of cairn wrote
 */
export function restoreParts(stored: { snapshotIds: unknown; modelIds: unknown }): RunParts {
  const parsed = schema.safeParse(stored);
  if (!parsed.success) {
    throw new CairnError("INTERNAL", "expected the record of a run to name its parts, got another form", {
      hint: "run the batch again",
    });
  }
  const { snapshotIds, modelIds } = parsed.data;
  const { risk, mastery, recommender, absent } = modelIds;
  return {
    risk:
      snapshotIds.risk !== undefined && risk !== undefined
        ? { status: "made", inputs: { snapshotId: snapshotIds.risk, modelId: risk } }
        : { status: "absent", ...(absent?.risk ?? unexplained) },
    playlist:
      snapshotIds.playlist !== undefined && mastery !== undefined && recommender !== undefined
        ? {
            status: "made",
            inputs: { snapshotId: snapshotIds.playlist, masteryId: mastery, recommenderId: recommender },
          }
        : { status: "absent", ...(absent?.playlist ?? unexplained) },
  };
}

const unexplained = {
  code: "INTERNAL",
  reason: "the run's record does not say why",
  hint: "run the batch again",
} as const;
