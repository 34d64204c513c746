import type { ErrorCode } from "../../errors.ts";
import { CairnError } from "../../errors.ts";

/** What a partition scores. */
export type PartitionKind = "risk" | "playlist";

/** What each part of a run is made from: every score of the part follows from it. */
export interface PartInputs {
  readonly risk: { readonly snapshotId: string; readonly modelId: string };
  readonly playlist: { readonly snapshotId: string; readonly masteryId: string; readonly recommenderId: string };
}

/** Why a run lacks a part: what the records would have to hold, in the words of the error that said so. */
export interface Absence {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint: string;
}

/** A part of a run: what it was made from, or why there is none. */
export type RunPart<Inputs> =
  | { readonly status: "made"; readonly inputs: Inputs }
  | ({ readonly status: "absent" } & Absence);

/** The parts of a run; at least one is made. */
export type RunParts = { readonly [Kind in PartitionKind]: RunPart<PartInputs[Kind]> };

/** A part as it was prepared, with how many learners it has. */
export interface PreparedPart<Kind extends PartitionKind> {
  readonly part: RunPart<PartInputs[Kind]>;
  /** Learners to score; 0 when the part is absent. */
  readonly rows: number;
}

const called: Readonly<Record<PartitionKind, string>> = { risk: "a ranking", playlist: "playlists" };

// The records do not hold what the part is made from. Anything else is a fault, and fails the night.
const absences: ReadonlySet<ErrorCode> = new Set(["CONFLICT", "SINGLE_CLASS"]);

/**
 * Prepares a part, or says why the records do not allow it: a district without finished years still gets its playlists, one
 * without a platform its ranking.
 * @throws whatever `prepare` throws for another reason than missing records
 */
export async function preparePart<Kind extends PartitionKind>(
  asOf: string,
  prepare: () => Promise<PartInputs[Kind] & { readonly rows: number }>,
): Promise<PreparedPart<Kind>> {
  try {
    const { rows, ...inputs } = await prepare();
    if (rows === 0) {
      throw new CairnError("CONFLICT", `expected learners enrolled on ${asOf}, got none`, {
        hint: "import the rosters, or choose a day inside a school year",
      });
    }
    return { part: { status: "made", inputs: inputs as unknown as PartInputs[Kind] }, rows };
  } catch (error) {
    if (!(error instanceof CairnError) || !absences.has(error.code)) throw error;
    const hint = error.hint ?? "import what is missing, and run the batch again";
    return { part: { status: "absent", code: error.code, reason: error.message, hint }, rows: 0 };
  }
}

/**
 * What a part of a run was made from.
 * @throws CairnError `CONFLICT` when the run has no such part: the message says why
 */
export function inputsOf<Kind extends PartitionKind>(
  run: { readonly asOf: string; readonly parts: RunParts },
  kind: Kind,
): PartInputs[Kind] {
  const part: RunPart<PartInputs[Kind]> = run.parts[kind];
  if (part.status === "made") return part.inputs;
  throw new CairnError("CONFLICT", `expected ${called[kind]} as of ${run.asOf}, got none: ${part.reason}`, {
    hint: part.hint,
  });
}

/**
 * Refuses a night that can give neither part.
 * @throws CairnError with the code of the ranking's absence; the message gives both reasons
 */
export function requireOnePart({ risk, playlist }: RunParts, asOf: string): void {
  if (risk.status === "made" || playlist.status === "made") return;
  throw new CairnError(
    risk.code,
    `expected a ranking or playlists as of ${asOf}, got neither: ${risk.reason}; ${playlist.reason}`,
    { hint: risk.hint === playlist.hint ? risk.hint : `${risk.hint}; ${playlist.hint}` },
  );
}
