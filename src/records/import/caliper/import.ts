import { createHash } from "node:crypto";
import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";
import { flatTargets } from "../core/flat-targets.ts";
import { anyStrongSystem, buildPersonMap } from "../core/people.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import type { Stage } from "../core/staging.ts";
import { readEvent } from "./events.ts";

const longestLine = 32 * 2 ** 20; // characters; an envelope is far smaller, a nightly batch goes on many lines

/**
 * Imports Caliper envelopes, 1.1 or 1.2: one JSON document, or JSON Lines with one envelope a line. Events about sessions,
 * views, assignments, assessments, media and tools become activity events; others are refused with the reason and kept;
 * entities without an event are counted and left out. Actors are found by their district, state or local number.
 * @throws CairnError `UNREADABLE_FILE`, `NOT_FOUND`, `CANCELLED`
 */
export async function importCaliper(database: Database, options: ImportOptions): Promise<ImportReport> {
  const file = await diskFile(options.path);
  const sourceSystem = options.source ?? {};
  const delivery = {
    source: sourceSystem.systemCode ?? sourceSystem.systemName ?? "caliper",
    sourceSystem,
    standard: "Caliper",
    standardVersion: "1.1 and 1.2",
    sha256: await fingerprint([file]),
  };
  return runImport(database, options, delivery, async (session) => {
    await buildPersonMap(session);
    const stage = await session.stage(flatTargets.activityEvent);
    let read = 0;
    for await (const { line, text } of readLines(file, (bytes) => {
      read += bytes;
      options.onProgress?.(`reading ${file.name}`, Math.min(1, read / Math.max(1, file.bytes)));
    })) {
      session.check();
      await takeEnvelope(session, stage, file.name, line, text);
    }
    await session.merge(flatTargets.activityEvent);
  });
}

async function takeEnvelope(
  session: ImportSession,
  stage: Stage,
  file: string,
  line: number,
  text: string,
): Promise<void> {
  const envelope = parse(text);
  const counts = session.report.counts(file);
  if (envelope === undefined) {
    counts.rows += 1;
    await session.refuse(
      file,
      line,
      { column: null, code: "BAD_VALUE", reason: "expected a JSON envelope, got a text that is none" },
      text,
    );
    return;
  }
  const { data, sensor, version } = contents(envelope);
  if (version !== null && !/v1p[12]$|^1\.[12]/.test(version))
    session.report.lenient(file, `dataVersion ${version.slice(0, 60)} read as 1.2`);
  for (const item of data) {
    if (isEntity(item)) {
      session.report.lenient(file, "entities without an event left out");
      continue;
    }
    counts.rows += 1;
    const reading = readEvent(item);
    if ("problem" in reading) {
      await session.refuse(file, line, reading.problem, JSON.stringify(item));
      continue;
    }
    const { event } = reading;
    const day = event.at.slice(0, 10);
    await stage.add({
      file,
      line,
      raw: JSON.stringify(item),
      // Sensors send an event again after a failure: its id, else its content, makes it the same one.
      id: event.id ?? createHash("sha256").update(JSON.stringify(item)).digest("hex").slice(0, 32),
      person: { system: anyStrongSystem, value: event.actor },
      modifiedOn: null,
      ownDate: day,
      validFrom: day,
      values: [event.activity, event.verb, event.kind, event.at, event.seconds, 1, sensor],
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Contents {
  readonly data: readonly unknown[];
  readonly sensor: string | null;
  readonly version: string | null;
}

/** An envelope's data; a bare event, as some senders post it, is taken as an envelope of one. */
function contents(value: unknown): Contents {
  if (typeof value !== "object" || value === null) return { data: [value], sensor: null, version: null };
  const { data, sensor, dataVersion } = value as { data?: unknown; sensor?: unknown; dataVersion?: unknown };
  const list = Array.isArray(value) ? value : Array.isArray(data) ? data : data === undefined ? [value] : [data];
  return {
    data: list,
    sensor: typeof sensor === "string" ? sensor : null,
    version: typeof dataVersion === "string" ? dataVersion : null,
  };
}

/** Entities may travel beside events; they say nothing that happened. */
function isEntity(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return false;
  const type = (item as { type?: unknown; "@type"?: unknown }).type ?? (item as { "@type"?: unknown })["@type"];
  return typeof type === "string" && !type.endsWith("Event") && !("action" in item);
}

/** The file as JSON Lines; a document that spans lines comes whole, with the number of its first line. */
async function* readLines(
  file: SourceFile,
  onBytes: (bytes: number) => void,
): AsyncGenerator<{ line: number; text: string }> {
  let pending = "";
  let line = 1;
  let first = true;
  try {
    const stream = await file.open();
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const whole = await spansLines(file);
    for await (const chunk of stream) {
      onBytes((chunk as Buffer).length);
      pending += decoder.decode(chunk as Buffer, { stream: true });
      if (first) pending = pending.replace(/^\ufeff/, "");
      first = false;
      if (pending.length > longestLine) throw new Error(`a line of more than ${longestLine} characters`);
      if (whole) continue;
      const lines = pending.split("\n");
      pending = lines.pop()!;
      for (const text of lines) {
        if (text.trim() !== "") yield { line, text };
        line += 1;
      }
    }
    if (pending.trim() !== "") yield { line, text: pending };
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw unreadable(file.name, cause);
  }
}

/** Whether the file is one document over several lines: then its first line alone is no JSON. */
async function spansLines(file: SourceFile): Promise<boolean> {
  const stream = await file.open();
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    text += chunk;
    if (text.trimStart().includes("\n") || text.length > longestLine) break;
  }
  stream.destroy();
  const firstLine = text
    .replace(/^\ufeff/, "")
    .trimStart()
    .split("\n")[0]!
    .trim();
  return /^[[{]$/.test(firstLine) || (/^\[?\s*\{/.test(firstLine) && !/[}\]]$/.test(firstLine));
}
