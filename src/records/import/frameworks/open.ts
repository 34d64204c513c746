import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "../core/csv.ts";
import { textFile } from "../core/csv.ts";
import { isObject, parseForeignJson } from "../json.ts";
import { readCourseStructure } from "../xapi/course-structure.ts";
import { isAsn, readAsn } from "./asn.ts";
import { readCasePackage } from "./case.ts";
import { isLrmi, readLrmi } from "./lrmi.ts";
import type { FrameworkPackage } from "./package.ts";
import { PackageBuilder } from "./package.ts";
import type { TableFile } from "./tables.ts";
import { coherenceTable, headerOf, isJunyi, readCoherenceMap, readJunyi } from "./tables.ts";

const largest = 256 * 2 ** 20; // bytes, unpacked: the largest state framework in public hands is a tenth of it

/** A framework delivery as it was opened. */
export interface OpenedFramework {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly content: FrameworkPackage;
}

/**
 * Opens a delivery of standards or learning activities and tells by its content what it is: a CASE package, RDF/JSON of the
 * Achievement Standards Network, LRMI JSON-LD, a cmi5 course structure, the coherence map (a folder or one of its tables), or Junyi
 * Academy's exercise table. Files ending in `.gz` are unpacked.
 * @throws CairnError `UNREADABLE_FILE` when it is none of these, with what it seems to be
 */
export async function openFramework(path: string): Promise<OpenedFramework> {
  const name = basename(path);
  const found = await stat(path).catch((cause: unknown) => {
    throw unfit(name, "a file or a folder", "neither", { cause });
  });
  if (found.isDirectory()) return openFolder(path, name);
  const file = await unpacked(path, name);
  return { name: file.name, files: [file], content: await readByContent(file) };
}

async function openFolder(path: string, name: string): Promise<OpenedFramework> {
  const tables: TableFile[] = [];
  for (const entry of (await readdir(path)).filter((file) => /\.csv(\.gz)?$/i.test(file)).sort()) {
    const file = await unpacked(join(path, entry), entry);
    const header = await headerOf(file);
    if (isJunyi(header)) return { name, files: [file], content: await readJunyi(file) };
    if (coherenceTable(header) !== undefined) tables.push({ file, header });
  }
  if (tables.length === 0) {
    throw unfit(name, "a folder with the tables of the coherence map or an exercise table", "one without them", {
      hint: "name the framework's file itself",
    });
  }
  return { name, files: tables.map(({ file }) => file), content: await readCoherenceMap(tables) };
}

async function unpacked(path: string, name: string): Promise<SourceFile> {
  const { size } = await stat(path);
  if (size > largest) throw unfit(name, `at most ${largest} bytes`, `${size}`);
  const bytes = await readFile(path);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return textFile(name, bytes);
  try {
    return textFile(name.replace(/\.gz$/i, ""), gunzipSync(bytes, { maxOutputLength: largest }));
  } catch (cause) {
    throw unfit(name, `a whole gzip file of at most ${largest} bytes unpacked`, "another", { cause });
  }
}

async function readByContent(file: SourceFile): Promise<FrameworkPackage> {
  const text = await wholeText(file);
  const start = text.trimStart()[0];
  if (start === "<") return coursePackage(text);
  if (start === "{" || start === "[") return readJson(file.name, text);
  const header = await headerOf(file);
  if (isJunyi(header)) return readJunyi(file);
  if (coherenceTable(header) !== undefined) return readCoherenceMap([{ file, header }]);
  throw unfit(file.name, "a framework", `a text that is neither JSON, XML nor a table with known columns`, {
    hint: "CASE, ASN RDF/JSON, LRMI JSON-LD, cmi5.xml, the coherence map's CSV and Junyi's exercise table are read",
  });
}

async function wholeText(file: SourceFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await file.open()) chunks.push(chunk as Buffer);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw unfit(file.name, "a text in UTF-8", "bytes of another encoding", { cause });
  }
}

function readJson(name: string, text: string): FrameworkPackage {
  let document: unknown;
  try {
    document = parseForeignJson(text);
  } catch (cause) {
    const at = /position (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1];
    throw unfit(name, "JSON", `a text that breaks${at === undefined ? "" : ` at character ${at}`}`, { cause });
  }
  if (isObject(document)) {
    if (isObject(document.CFDocument)) return readCasePackage(document);
    if ("$schema" in document) throw unfit(name, "a framework", "a JSON Schema, which describes one");
    if (isAsn(document)) return readAsn(document);
  }
  if (isLrmi(document)) return readLrmi(document);
  throw unfit(name, "a framework or learning activities", "JSON of another kind", {
    hint: "CASE packages have a CFDocument, ASN exports a StandardDocument, LRMI documents learning resources",
  });
}

function coursePackage(xml: string): FrameworkPackage {
  const course = readCourseStructure(xml);
  const out = new PackageBuilder();
  for (const unit of course.units) {
    out.activities.push({
      line: unit.line,
      raw: "",
      id: unit.id,
      title: unit.title ?? course.title,
      modality: null,
      minutes: null,
      topics: [],
      language: unit.language,
      uri: unit.url === null || !/^[a-z]+:/i.test(unit.url) ? unit.id : unit.url,
      masteryScore: unit.masteryScore,
      moveOn: unit.moveOn,
      alignments: unit.objectives.map((objective) => ({
        kind: "teaches",
        standard: { uri: objective },
        framework: null,
      })),
    });
  }
  return out.finish("cmi5 course structure", "1.0", "cmi5");
}

function unfit(
  file: string,
  expected: string,
  got: string,
  { hint, cause }: { hint?: string; cause?: unknown } = {},
): CairnError {
  return new CairnError("UNREADABLE_FILE", `expected ${expected} in ${file}, got ${got}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
    details: { file },
  });
}
