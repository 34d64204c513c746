import type { RefusalCode } from "../core/report.ts";

/** Where an entry of a framework stands: its position in its list (from 1), or its line, and the entry itself. */
export interface Placed {
  readonly line: number;
  readonly raw: string;
}

/** A set of standards. */
export interface FrameworkEntry extends Placed {
  readonly id: string;
  readonly title: string | null;
  readonly publisher: string | null;
  readonly edition: string | null;
  readonly subject: string | null;
  readonly language: string | null;
  readonly adoptionStatus: string | null;
  readonly uri: string | null;
  readonly licence: string | null;
  readonly modifiedOn: string | null;
}

/** One standard. */
export interface StandardEntry extends Placed {
  /** The id by which evidence names it. */
  readonly id: string;
  readonly framework: string;
  readonly label: string;
  readonly code: string | null;
  readonly statement: string | null;
  readonly kind: string | null;
  readonly subject: string | null;
  readonly grades: readonly string[];
  readonly uri: string | null;
  readonly statusEndsOn: string | null;
  readonly modifiedOn: string | null;
}

/** A tie between two standards, by their ids. */
export interface AssociationEntry extends Placed {
  readonly id: string;
  readonly framework: string;
  readonly standard: string;
  readonly kind: string;
  readonly other: string;
  readonly position: number | null;
  readonly modifiedOn: string | null;
}

/** How a source names a standard: by id, by address or by the code people use. */
export interface StandardReference {
  readonly id?: string;
  readonly uri?: string;
  readonly code?: string;
}

/** `standard` needs `requires` first. */
export interface PrerequisiteEntry extends Placed {
  readonly standard: StandardReference;
  readonly requires: StandardReference;
}

/** Two standards that belong together, without an order. */
export interface RelatedEntry extends Placed {
  readonly one: StandardReference;
  readonly other: StandardReference;
}

/** A learning activity and the standards it is about, in the terms of LRMI. */
export interface ActivityEntry extends Placed {
  readonly id: string;
  readonly title: string | null;
  readonly modality: string | null;
  readonly minutes: number | null;
  readonly topics: readonly string[];
  readonly language: string | null;
  readonly uri: string | null;
  readonly masteryScore: number | null;
  readonly moveOn: string | null;
  readonly alignments: readonly {
    readonly kind: string;
    readonly standard: StandardReference;
    readonly framework: string | null;
  }[];
}

/** An entry that cannot go in. */
export interface FaultyEntry extends Placed {
  readonly part: FrameworkPart;
  readonly column: string | null;
  readonly code: RefusalCode;
  readonly reason: string;
}

/** The lists a delivery may hold, as the report names them. */
export type FrameworkPart =
  | "framework"
  | "standards"
  | "associations"
  | "prerequisites"
  | "related"
  | "activities"
  | "alignments";

/** What a framework file says, whatever its format. */
export interface FrameworkPackage {
  /** Such as `CASE`, and `1.1`. */
  readonly standard: string;
  readonly version: string;
  /** The first part of the record keys: ids are unique within it. */
  readonly source: string;
  readonly frameworks: readonly FrameworkEntry[];
  readonly standards: readonly StandardEntry[];
  readonly associations: readonly AssociationEntry[];
  readonly prerequisites: readonly PrerequisiteEntry[];
  readonly related: readonly RelatedEntry[];
  readonly activities: readonly ActivityEntry[];
  /** The standards are those of other frameworks, told by their codes; only those without a counterpart stand for themselves. */
  readonly joinedByCode: boolean;
  readonly faults: readonly FaultyEntry[];
  readonly leniencies: ReadonlyMap<string, number>;
}

/** Gathers a package while a file is read. */
export class PackageBuilder {
  readonly frameworks: FrameworkEntry[] = [];
  readonly standards: StandardEntry[] = [];
  readonly associations: AssociationEntry[] = [];
  readonly prerequisites: PrerequisiteEntry[] = [];
  readonly related: RelatedEntry[] = [];
  readonly activities: ActivityEntry[] = [];
  readonly faults: FaultyEntry[] = [];
  readonly leniencies = new Map<string, number>();

  /** Notes a deviation that was read all the same. */
  lenient(what: string): void {
    this.leniencies.set(what, (this.leniencies.get(what) ?? 0) + 1);
  }

  /** Keeps an entry that cannot go in, with the reason. */
  refuse(part: FrameworkPart, place: Placed, column: string | null, code: RefusalCode, reason: string): void {
    this.faults.push({ line: place.line, raw: place.raw, part, column, code, reason });
  }

  /** The package as it was gathered. */
  finish(standard: string, version: string, source: string, { joinedByCode = false } = {}): FrameworkPackage {
    return { standard, version, source, joinedByCode, ...this };
  }
}

/** What a list of choices shows of a standard that has no short name of its own. */
export function labelOf(short: string | null, code: string | null, statement: string | null): string {
  return short ?? code ?? (statement ?? "").slice(0, 120);
}
