import { SaxesParser } from "saxes";
import { CairnError } from "../../../errors.ts";

/** What satisfies an assignable unit of cmi5 (10.2.4). */
export const moveOnCriteria = [
  "Passed",
  "Completed",
  "CompletedAndPassed",
  "CompletedOrPassed",
  "NotApplicable",
] as const;

/** One of {@link moveOnCriteria}. */
export type MoveOn = (typeof moveOnCriteria)[number];

/** An assignable unit: what a learner launches. */
export interface AssignableUnit {
  readonly id: string;
  readonly title: string | null;
  readonly language: string | null;
  /** The ids of the blocks around it, outermost first. */
  readonly blocks: readonly string[];
  readonly objectives: readonly string[];
  readonly moveOn: MoveOn;
  /** The scaled score from which it counts as passed, 0 to 1. */
  readonly masteryScore: number | null;
  readonly url: string | null;
  /** Line of the file. */
  readonly line: number;
}

/** A cmi5 course. */
export interface CourseStructure {
  readonly id: string;
  readonly title: string | null;
  readonly units: readonly AssignableUnit[];
}

const nameSpace = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd";
const absolute = /^[a-z][a-z0-9+.-]*:\S+$/i;

/**
 * Reads a cmi5 course structure (`cmi5.xml`). Document types and entities are not expanded: a file cannot make the reader grow.
 * @throws CairnError `UNREADABLE_FILE` when it is no well-formed XML, is no course structure, or breaks a rule of cmi5 (ids that
 * are no full IRIs or occur twice, a masteryScore outside 0 to 1, an unknown moveOn)
 */
export function readCourseStructure(xml: string): CourseStructure {
  const reader = new CourseReader();
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on("error", (error) => {
    throw unfit(`well-formed XML, got a fault at line ${parser.line}`, error);
  });
  parser.on("doctype", () => {
    throw unfit(`no document type, got one at line ${parser.line}`);
  });
  parser.on("opentag", (tag) => {
    const attributes = Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
    reader.open(tag.local, tag.uri, attributes, parser.line);
  });
  parser.on("text", (text) => reader.text(text));
  parser.on("cdata", (text) => reader.text(text));
  parser.on("closetag", (tag) => reader.close(tag.local));
  parser.write(xml).close();
  return reader.finish();
}

interface OpenUnit {
  id: string;
  title: string | null;
  language: string | null;
  blocks: string[];
  objectives: string[];
  moveOn: MoveOn;
  masteryScore: number | null;
  url: string | null;
  line: number;
}

class CourseReader {
  readonly #units: OpenUnit[] = [];
  readonly #ids = new Set<string>();
  readonly #path: string[] = [];
  readonly #blocks: string[] = [];
  #unit: OpenUnit | undefined;
  #course: { id: string; title: string | null } | undefined;
  #text = "";
  #language: string | null = null;

  open(name: string, uri: string, attributes: Readonly<Record<string, string>>, line: number): void {
    if (this.#path.length === 0 && (name !== "courseStructure" || uri !== nameSpace)) {
      throw unfit(`a courseStructure of cmi5, got an element ${name.slice(0, 40)}`);
    }
    this.#path.push(name);
    this.#text = "";
    if (name === "course") this.#course = { id: this.#identify(attributes.id, line), title: null };
    if (name === "block") this.#blocks.push(this.#identify(attributes.id, line));
    if (name === "objective" && attributes.idref !== undefined) this.#unit?.objectives.push(attributes.idref);
    if (name === "langstring") this.#language = attributes.lang ?? null;
    if (name === "au") this.#unit = this.#begin(attributes, line);
  }

  text(text: string): void {
    this.#text += text;
  }

  close(name: string): void {
    this.#path.pop();
    const parent = this.#path.at(-1);
    const holder = this.#path.at(-2);
    if (name === "langstring" && parent === "title") {
      const title = this.#text.trim().replaceAll(/\s+/g, " ");
      if (holder === "course" && this.#course !== undefined) this.#course.title ??= title;
      if (holder === "au" && this.#unit !== undefined) {
        this.#unit.title ??= title;
        this.#unit.language ??= this.#language;
      }
    }
    if (name === "url" && this.#unit !== undefined) this.#unit.url = this.#text.trim();
    if (name === "block") this.#blocks.pop();
    if (name === "au" && this.#unit !== undefined) {
      this.#units.push(this.#unit);
      this.#unit = undefined;
    }
    this.#text = "";
  }

  finish(): CourseStructure {
    if (this.#course === undefined) throw unfit("a course, got none");
    if (this.#units.length === 0) throw unfit("at least one assignable unit, got none");
    return { ...this.#course, units: this.#units };
  }

  #begin(attributes: Readonly<Record<string, string>>, line: number): OpenUnit {
    const moveOn = attributes.moveOn ?? "NotApplicable";
    const known = moveOnCriteria.find((word) => word === moveOn);
    if (known === undefined) throw unfit(`a moveOn of ${moveOnCriteria.join(", ")}, got another word at line ${line}`);
    const mastery = attributes.masteryScore === undefined ? null : Number(attributes.masteryScore);
    if (mastery !== null && !(mastery >= 0 && mastery <= 1)) {
      throw unfit(`a masteryScore from 0 to 1, got another at line ${line}`);
    }
    const id = this.#identify(attributes.id, line);
    const rest = { title: null, language: null, url: null, objectives: [], blocks: [...this.#blocks] };
    return { id, ...rest, moveOn: known, masteryScore: mastery, line };
  }

  #identify(id: string | undefined, line: number): string {
    if (id === undefined || !absolute.test(id)) throw unfit(`a full IRI as an id, got something else at line ${line}`);
    if (this.#ids.has(id)) throw unfit(`an id that occurs once, got one again at line ${line}`);
    this.#ids.add(id);
    return id;
  }
}

function unfit(expectation: string, cause?: unknown): CairnError {
  return new CairnError("UNREADABLE_FILE", `expected ${expectation}`, {
    hint: "check the course structure against the cmi5 schema",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a learner has done in one assignable unit under one registration. */
export interface UnitProgress {
  readonly completed: boolean;
  readonly passed: boolean;
  readonly waived: boolean;
}

/** Whether an assignable unit is satisfied (cmi5, 10.2.4); a waived one always is. */
export function isSatisfied(moveOn: MoveOn, { completed, passed, waived }: UnitProgress): boolean {
  if (waived || moveOn === "NotApplicable") return true;
  if (moveOn === "Passed") return passed;
  if (moveOn === "Completed") return completed;
  return moveOn === "CompletedAndPassed" ? completed && passed : completed || passed;
}
