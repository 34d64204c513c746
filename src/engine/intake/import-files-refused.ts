import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import { diskFile } from "../../records/import/core/disk-file.ts";
import type { WaitingBatch, WaitingFile, WaitingRow } from "../../records/import/core/refused.ts";
import { listWaiting, waitingBatch } from "../../records/import/core/refused.ts";
import type { SecondTry } from "../../records/import/core/repair-file.ts";
import { edited, sameAgain, toRepairFile } from "../../records/import/core/repair-file.ts";
import type { ImportReport } from "../../records/import/core/report.ts";
import { importEdFi } from "../../records/import/edfi/import.ts";
import { bodiesAgain } from "../../records/import/edfi/second-try.ts";
import type { ColumnProfile } from "../../records/import/flat/column-profile.ts";
import { importFlat } from "../../records/import/flat/import.ts";
import { importOneRoster } from "../../records/import/oneroster/import.ts";
import type { Cairn } from "../runtime.ts";
import type { ImportOptions } from "./import-files.ts";

export type { WaitingFile, WaitingRow };

/** What waits for repair in a district, the latest delivery first. */
export function listRefused(cairn: Cairn, tenantId: string): Promise<WaitingFile[]> {
  return listWaiting(cairn.database, tenantId);
}

/**
 * The refused rows of a delivery that wait, and, by file, a CSV of them to edit (none for files that are no tables).
 * @throws CairnError `NOT_FOUND`
 */
export async function showRefused(
  cairn: Cairn,
  tenantId: string,
  batchId: string,
): Promise<{ rows: readonly WaitingRow[]; files: ReadonlyMap<string, string> }> {
  const { rows } = await waitingBatch(cairn.database, tenantId, batchId);
  const files = new Map<string, string>();
  for (const [file, own] of byFile(rows)) if (own[0]!.header !== null) files.set(file, await toRepairFile(own));
  return { rows, files };
}

/** How refused rows are tried again. */
export interface RetryOptions extends ImportOptions {
  /** An edited CSV of refused rows; without it the same rows again, for when what was in their way is gone. */
  readonly fix?: string;
  /** The column profile, where it is a district's own: the record keeps its name alone. */
  readonly profile?: ColumnProfile;
}

/**
 * Tries the refused rows of a delivery again, as the source they came from: those that go in wait no longer, the others wait
 * where they did. A delivery of several files is tried with all of them, or, with `fix`, with the one that it holds. Bodies of
 * Ed-Fi are tried as they are: what is wrong in them is mended where they come from.
 * @returns the report; nothing when no row of the delivery waits, or none that can be read
 * @throws CairnError `NOT_FOUND`, `BAD_INPUT` for a file that holds no refused rows, `CONFLICT` when the rows are of no table and
 * no bodies of Ed-Fi; what tries those again is in the hint
 */
export async function retryRefused(
  cairn: Cairn,
  tenantId: string,
  batchId: string,
  options: RetryOptions = {},
): Promise<ImportReport | undefined> {
  const batch = await waitingBatch(cairn.database, tenantId, batchId);
  if (batch.rows.length === 0) return undefined;
  const { fix, profile, ...rest } = options;
  checkRetriable(batch, fix);
  const bodies = batch.standard === "Ed-Fi";
  const tries = bodies ? bodiesAgain(batch.rows) : fix === undefined ? allAgain(batch) : await fixedAgain(batch, fix);
  if (tries.size === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "cairn-retry-")); // readable by this user alone: it holds records
  try {
    for (const [file, { content }] of tries) await writeFile(join(folder, file), content, { mode: 0o600 });
    const common = {
      tenantId,
      receivedAt: cairn.now(),
      transport: batch.transport,
      standing: batch.standing,
      authority: batch.authority,
      source: { systemCode: batch.source },
      ...rest,
      repair: {
        batchId,
        rows: [...tries].flatMap(([file, { rows }]) => rows.map((row) => ({ ...row, file }))),
      },
    };
    if (bodies) return await importEdFi(cairn.database, { ...common, path: folder });
    if (batch.standard.startsWith("flat CSV ")) {
      const [file] = [...tries.keys()];
      const readBy = profile ?? batch.standard.slice("flat CSV ".length);
      return await importFlat(cairn.database, {
        ...common,
        path: join(folder, file!),
        profile: readBy,
        rewritten: true,
      });
    }
    await writeFile(join(folder, "manifest.csv"), manifestOf(batch, tries), { mode: 0o600 });
    return await importOneRoster(cairn.database, { ...common, path: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws CairnError `CONFLICT` with the way that there is for rows of this kind */
function checkRetriable({ standard }: WaitingBatch, fix: string | undefined): void {
  const isTable = standard.startsWith("OneRoster") || standard.startsWith("flat CSV ");
  if (isTable || (standard === "Ed-Fi" && fix === undefined)) return;
  const hints: Readonly<Record<string, string>> = {
    "Ed-Fi":
      "mend the bodies in the system they come from and import them again; without --fix they are tried as they are",
    Caliper:
      "`cairn import waiting-activity` tries events again whose person was not known; what is malformed, the sensor sends anew",
    xAPI: "`cairn import waiting-activity` looks again for the persons of statements",
  };
  throw new CairnError("CONFLICT", `expected refused rows of a table, got rows of ${standard}`, {
    hint:
      hints[standard] ?? "import the delivery again: what is in is not repeated, and what was in the way may be gone",
  });
}

function byFile(rows: readonly WaitingRow[]): Map<string, WaitingRow[]> {
  const files = new Map<string, WaitingRow[]>();
  for (const row of rows) {
    const own = files.get(row.file);
    if (own === undefined) files.set(row.file, [row]);
    else own.push(row);
  }
  return files;
}

function allAgain(batch: WaitingBatch): Map<string, SecondTry> {
  const tries = new Map<string, SecondTry>();
  for (const [file, rows] of byFile(batch.rows)) tries.set(inFolder(file), sameAgain(rows));
  return tries;
}

async function fixedAgain(batch: WaitingBatch, path: string): Promise<Map<string, SecondTry>> {
  const source = await diskFile(path);
  const files = byFile(batch.rows);
  const own = files.get(source.name) ?? (files.size === 1 ? [...files.values()][0] : undefined);
  if (own === undefined) {
    throw new CairnError("BAD_INPUT", `expected rows of ${[...files.keys()].join(" or ")}, got ${source.name}`, {
      hint: "name the edited file as the file its rows came in",
    });
  }
  return new Map([[inFolder(own[0]!.file), await edited(source, own)]]);
}

/** File names of deliveries come from outside: nothing but a name may lead into the folder. */
function inFolder(file: string): string {
  if (!/^[\w.() -]+$/.test(file) || /^\.+$/.test(file)) {
    throw new CairnError("CONFLICT", "expected a plain file name of the delivery, got one with other characters", {
      hint: "import the delivery again under another name",
    });
  }
  return file;
}

function manifestOf(batch: WaitingBatch, tries: ReadonlyMap<string, SecondTry>): string {
  const lines = ["propertyName,value", "manifest.version,1.0", `oneroster.version,${batch.standardVersion}`];
  // A row that names its status came in a delta: in a bulk file the column is empty.
  for (const [file, { content }] of tries) {
    const delta = /^[^\n]*\bstatus\b/.test(content) && /\n[^\n]*,"?(active|tobedeleted)"?,/.test(content);
    lines.push(`file.${file.replace(/\.csv$/i, "")},${delta ? "delta" : "bulk"}`);
  }
  return `${[...lines, `source.systemCode,"${batch.source.replaceAll('"', '""')}"`].join("\n")}\n`;
}
