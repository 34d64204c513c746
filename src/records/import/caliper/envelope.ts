import { createHash } from "node:crypto";
import { anyStrongSystem } from "../core/people.ts";
import type { ImportSession } from "../core/session.ts";
import type { StagedValue } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";
import { isObject, lastPart, textOf } from "../json.ts";
import type { CaliperReading } from "./events.ts";
import { readEvent } from "./events.ts";
import { caliperTargets } from "./targets.ts";

/** By which reading events become records, with its version; it is kept with the batch. */
export const caliperProfile = "caliper@1";

/** What an envelope holds. */
export interface EnvelopeContents {
  readonly data: readonly unknown[];
  readonly sensor: string | null;
  /** The day it was sent. */
  readonly sentOn: string | null;
  readonly version: string | null;
}

/** An envelope's data; a bare event, or a list of them, as some senders post it, is taken as an envelope. */
export function contentsOf(value: unknown): EnvelopeContents {
  const none = { sensor: null, sentOn: null, version: null };
  if (Array.isArray(value)) return { data: value, ...none };
  if (!isObject(value)) return { data: [value], ...none };
  const { data, sensor, sendTime, dataVersion } = value;
  const sent = textOf(sendTime);
  const moment = sent === null ? Number.NaN : Date.parse(sent);
  return {
    data: Array.isArray(data) ? data : data === undefined ? [value] : [data],
    sensor: textOf(sensor) ?? (isObject(sensor) ? textOf(sensor.id) : null),
    sentOn: Number.isNaN(moment) ? null : new Date(moment).toISOString().slice(0, 10),
    version: textOf(dataVersion),
  };
}

/** Entities may travel beside events; they say nothing that happened. */
function isEntity(item: unknown): boolean {
  if (!isObject(item)) return false;
  const type = lastPart(textOf(item.type) ?? textOf(item["@type"]) ?? "");
  return type !== "" && !type.endsWith("Event") && !("action" in item);
}

/** Where the events of one envelope stand, for the report. */
export interface EnvelopePlace {
  readonly file: string;
  /** The line of an event, by its place in the envelope. */
  readonly lineOf: (index: number) => number;
  /** The day an event was known: for a file of the past its own day, for what arrives now the day it was sent. */
  readonly knownOn: (eventDay: string) => string;
}

/** Stages the events of one envelope: each good one goes in, each other one is refused by its path and kept. */
export async function takeEnvelope(
  session: ImportSession,
  place: EnvelopePlace,
  contents: EnvelopeContents,
): Promise<void> {
  const { file } = place;
  const { data, version } = contents;
  if (version !== null && !/\/v1p[12](?:\/|$)|^1\.[12]/.test(version)) {
    const form = /^[\w.:/-]{1,60}$/.test(version) ? version : "of another form";
    session.report.lenient(file, `dataVersion ${form} read as 1.2`);
  }
  for (const [index, item] of data.entries()) {
    const reading = isEntity(item) ? undefined : readEvent(item, session.timeZone);
    if (reading === undefined) session.report.lenient(file, "entities without an event left out");
    else if ("anonymous" in reading) session.report.lenient(file, "events of anonymous actors left out");
    else await takeReading(session, place, contents, { index, item, reading });
  }
}

async function takeReading(
  session: ImportSession,
  place: EnvelopePlace,
  contents: EnvelopeContents,
  { index, item, reading }: { index: number; item: unknown; reading: Exclude<CaliperReading, { anonymous: true }> },
): Promise<void> {
  const { file, lineOf } = place;
  session.report.counts(file).rows += 1;
  if (isObject(item) && "@type" in item) {
    session.report.lenient(file, "events of Caliper 1.0 read by the last part of their names");
  }
  if ("problem" in reading) {
    const { column } = reading.problem;
    const path = contents.data.length === 1 ? column : `data[${index}]${column === null ? "" : `.${column}`}`;
    await session.refuse(file, lineOf(index), { ...reading.problem, column: path }, JSON.stringify(item));
  } else await stageReading(session, place, contents, { index, item, reading });
}

async function stageReading(
  session: ImportSession,
  { file, lineOf, knownOn }: EnvelopePlace,
  { sensor }: EnvelopeContents,
  {
    index,
    item,
    reading,
  }: { index: number; item: unknown; reading: Exclude<CaliperReading, { problem: unknown } | { anonymous: true }> },
): Promise<void> {
  const { target, values, happening } = rowOf(reading, sensor);
  const stage = await session.stage(target);
  const day = happening.at.slice(0, 10);
  const raw = JSON.stringify(item);
  await stage.add({
    file,
    line: lineOf(index),
    raw,
    // Sensors send an event again after a failure: its id, else its content, makes it the same one.
    id: happening.id ?? createHash("sha256").update(raw).digest("hex").slice(0, 32),
    person: { system: anyStrongSystem, value: happening.actor },
    modifiedOn: null,
    ownDate: knownOn(day),
    validFrom: day,
    values,
  });
}

type Readable = Exclude<CaliperReading, { problem: unknown } | { anonymous: true }>;

function rowOf(
  reading: Readable,
  sensor: string | null,
): { target: Target; values: StagedValue[]; happening: { id: string | null; actor: string; at: string } } {
  if ("event" in reading) {
    const { activity, verb, kind, at, seconds, object, score, completion, session } = reading.event;
    const values = [activity, verb, kind, at, seconds, 1, sensor, object, score, completion, session];
    return { target: caliperTargets.event, values, happening: reading.event };
  }
  if ("answer" in reading) {
    const { item, standard, at, correct, attempts, seconds } = reading.answer;
    return {
      target: caliperTargets.answer,
      values: [item, standard, at, correct, attempts, seconds],
      happening: reading.answer,
    };
  }
  const { at, instrument, scale, item, answer } = reading.survey;
  return {
    target: caliperTargets.survey,
    values: [at.slice(0, 10), instrument, scale, item, answer],
    happening: reading.survey,
  };
}

/** Merges everything that was staged. */
export async function mergeCaliper(session: ImportSession): Promise<void> {
  for (const target of Object.values(caliperTargets)) await session.merge(target);
}
