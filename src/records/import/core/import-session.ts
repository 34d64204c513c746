import { randomUUID } from "node:crypto";
import { finished } from "node:stream/promises";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../database.ts";
import type { ReportProgress } from "../../progress.ts";
import { mergeStage } from "./merge.ts";
import { ReportBuilder } from "./report.ts";
import type { RowProblem } from "./row.ts";
import { Stage } from "./staging.ts";
import type { Standing } from "./standing.ts";
import { channelOf } from "./standing.ts";
import type { Target } from "./targets.ts";

/** The system a delivery comes from. `systemCode` (else `systemName`) is part of every record key. */
export interface SourceSystem {
  readonly vendor?: string;
  readonly product?: string;
  readonly systemName?: string;
  readonly systemCode?: string;
}

/** What every import takes. */
export interface ImportOptions {
  readonly tenantId: string;
  readonly path: string;
  /** When the delivery came in: the clock is the caller's. */
  readonly receivedAt: Date;
  /** Where the records come from, if the delivery does not say so itself. */
  readonly source?: SourceSystem;
  /** Who answers for the records (an organisation's id); the tenant unless said otherwise. */
  readonly authority?: string;
  readonly transport?: "upload" | "sftp" | "api" | "webhook";
  /** What the caller says of the source: `contributed` lowers its standing, nothing said here raises one. */
  readonly standing?: Standing;
  /** Reads, resolves and reports everything, and writes nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
  /**
   * An open transaction to work in, for dry runs of several deliveries that build on each other; who opened it ends it. Only
   * with {@link dryRun}.
   */
  readonly within?: TenantTransaction;
  /** These files hold again rows that an earlier delivery was refused: those that go in wait no longer. */
  readonly repair?: Repair;
}

/** Refused rows that are tried again. */
export interface Repair {
  readonly batchId: string;
  /** Where in these files the refused row of a position stands. */
  readonly rows: readonly { readonly position: number; readonly file: string; readonly line: number }[];
}

/** What the delivery said about itself before its rows were read. */
export interface Delivery {
  readonly source: string;
  readonly sourceSystem: SourceSystem;
  readonly standard: string;
  readonly standardVersion: string;
  readonly sha256: string;
}

/** Increased when the same files would give other records. */
export const importerVersion = "2";

/** A file of rows as it was read: what a refused row needs to be read again by itself. */
interface FileReading {
  readonly header: string;
  readonly profile: string | null;
}

/** One running import: its transaction, its staging tables and its report. */
export class ImportSession {
  readonly tx: TenantTransaction;
  readonly delivery: Delivery;
  readonly batchId: string = randomUUID();
  readonly report = new ReportBuilder();
  readonly authority: string;
  readonly standing: Standing;
  /** The district's time zone: moments that name a zone become its wall clock. */
  readonly timeZone: string;
  readonly receivedAt: string;
  readonly receivedOn: string;
  /** The channel of certified records; it is part of every record key. */
  readonly source: string;
  readonly #openChannel: string;
  readonly #onProgress: ReportProgress | undefined;
  readonly #profiles = new Set<string>();
  readonly #files = new Map<string, FileReading>();
  readonly #stages = new Map<string, Stage>();
  readonly #secondary = new Set<string>();
  readonly #signal: AbortSignal | undefined;
  #refusals: string[][] = [];

  constructor(
    tx: TenantTransaction,
    delivery: Delivery,
    options: ImportOptions,
    {
      standing = "certified",
      timeZone = "UTC",
      usualAuthority = options.tenantId,
    }: { standing?: Standing; timeZone?: string; usualAuthority?: string } = {},
  ) {
    this.tx = tx;
    this.delivery = delivery;
    this.authority = options.authority ?? options.tenantId;
    this.standing = standing;
    this.timeZone = timeZone;
    const authority = { is: this.authority, usual: usualAuthority };
    this.source = channelOf(delivery.source, authority, standing);
    // What nobody certifies is the same record whoever brings it.
    this.#openChannel = channelOf(delivery.source, authority, "certified");
    this.#onProgress = options.onProgress;
    this.receivedAt = options.receivedAt.toISOString();
    this.receivedOn = this.receivedAt.slice(0, 10);
    this.#signal = options.signal;
  }

  /** Notes that rows were read by a mapping profile, such as `nwea-map-growth@1`; it is kept with the batch. */
  useProfile(profile: string): void {
    this.#profiles.add(profile);
  }

  /** The profiles rows were read by. */
  get profiles(): readonly string[] {
    return [...this.#profiles];
  }

  /** Notes the header (and the profile) of a file, kept beside its refused rows. */
  describeFile(file: string, header: string, profile: string | null): void {
    this.#files.set(file, { header, profile });
  }

  /** The files whose headers are known, for keeping. */
  get describedFiles(): readonly { readonly file: string; readonly header: string; readonly profile: string | null }[] {
    return [...this.#files].map(([file, reading]) => ({ file, ...reading }));
  }

  /** The first part of a target's record keys. */
  channel(target: Target): string {
    return target.class === "certified" ? this.source : this.#openChannel;
  }

  /** The staging table of a target; `secondary`: its rows come beside those of another target and are not counted. */
  async stage(target: Target, { secondary = false } = {}): Promise<Stage> {
    let stage = this.#stages.get(target.table);
    if (stage === undefined) {
      stage = await Stage.create(this.tx.sql, target, this.channel(target));
      this.#stages.set(target.table, stage);
      if (secondary) this.#secondary.add(target.table);
    }
    return stage;
  }

  /** Whether the merge of this target counts rows of files. */
  readonly counted = (target: Target): boolean => !this.#secondary.has(target.table);

  /** Drops the memory of a merged stage, so that the target can be staged again. */
  readonly forget = (stage: Stage): void => {
    this.#stages.delete(stage.target.table);
    this.#secondary.delete(stage.target.table);
  };

  /** Merges what was staged for a target, if anything was. */
  async merge(target: Target): Promise<void> {
    this.check();
    const stage = this.#stages.get(target.table);
    if (stage === undefined) return;
    this.#onProgress?.(`merging ${target.table}`, 0);
    await mergeStage(this, stage);
    this.#onProgress?.(`merging ${target.table}`, 1);
  }

  /** Keeps a row that cannot go in. */
  async refuse(file: string, line: number, problem: RowProblem, raw: string): Promise<void> {
    this.report.counts(file).refused += 1;
    this.#refusals.push([file, String(line), problem.column ?? "", problem.code, problem.reason, raw]);
    if (this.#refusals.length >= 1_000) await this.flushRefusals();
  }

  /** Writes pending refusals to the transaction's table. */
  async flushRefusals(): Promise<void> {
    if (this.#refusals.length === 0) return;
    const lines = this.#refusals.map((cells) => cells.map(quoted).join(","));
    this.#refusals = [];
    const writable = await this.tx.sql
      .unsafe(`copy refusal (file, line, "column", code, reason, raw) from stdin (format csv, null '\\N')`)
      .writable();
    writable.end(`${lines.join("\n")}\n`);
    await finished(writable);
  }

  /** @throws CairnError `CANCELLED` when the caller asked to stop */
  check(): void {
    if (this.#signal?.aborted)
      throw new CairnError("CANCELLED", "the import was asked to stop; nothing of it was kept");
  }
}

function quoted(cell: string): string {
  return `"${cell.replaceAll("\u0000", "").replaceAll('"', '""')}"`;
}
