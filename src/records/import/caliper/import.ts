import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";
import { buildPersonMap } from "../core/people.ts";
import type { ImportReport } from "../core/report.ts";
import type { ImportOptions, ImportSession } from "../core/session.ts";
import { runImport } from "../core/session.ts";
import { parseForeignJson } from "../json.ts";
import { caliperProfile, contentsOf, mergeCaliper, takeEnvelope } from "./envelope.ts";

const longestLine = 32 * 2 ** 20; // characters; an envelope is far smaller, a nightly batch goes on many lines

/**
 * Imports Caliper envelopes, 1.1 or 1.2 (1.0 by its names' last parts, reported): one JSON document, or JSON Lines with one
 * envelope a line. What learners did becomes activity events, graded items item responses, points on a questionnaire's scale survey
 * answers. Events of anonymous actors and entities without an event are counted and left out; anything else is refused with the
 * reason and kept. Actors are found by their district, state or local number.
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
    session.useProfile(caliperProfile);
    await buildPersonMap(session);
    let read = 0;
    for await (const { line, text } of readLines(file, (bytes) => {
      read += bytes;
      options.onProgress?.(`reading ${file.name}`, Math.min(1, read / Math.max(1, file.bytes)));
    })) {
      session.check();
      await takeLine(session, file.name, line, text);
    }
    await mergeCaliper(session);
  });
}

async function takeLine(session: ImportSession, file: string, line: number, text: string): Promise<void> {
  const envelope = parse(text);
  if (envelope === undefined) {
    session.report.counts(file).rows += 1;
    const reason = "expected a JSON envelope, got a text that is none";
    await session.refuse(file, line, { column: null, code: "BAD_VALUE", reason }, text);
    return;
  }
  await takeEnvelope(session, { file, lineOf: () => line, knownOn: (day) => day }, contentsOf(envelope));
}

function parse(text: string): unknown {
  try {
    return parseForeignJson(text);
  } catch {
    return undefined;
  }
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
      const more = decoder.decode(chunk as Buffer, { stream: true });
      pending += more;
      if (first) pending = pending.replace(/^\ufeff/, "");
      first = false;
      if (pending.length > longestLine) throw new Error(`a line of more than ${longestLine} characters`);
      if (whole || !more.includes("\n")) continue; // a long line split at each chunk would take the square of its length
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
