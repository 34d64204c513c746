import { CairnError } from "../../errors.ts";
import type { JsonObject } from "../import/json.ts";
import { agent, agentHash, identified, identifierOf } from "../import/xapi/agent-rules.ts";
import { iri, isMoment, refuse, uuid } from "../import/xapi/checks.ts";
import type { StatementFormat } from "../import/xapi/forms.ts";
import { parseStrictJson } from "../import/xapi/strict-json.ts";
import type { DocumentScope } from "./documents.ts";
import type { StatementCursor, StatementFilter, StatementView } from "./query-statements.ts";

/** The parameters of a request as they stand in its address. */
export type Parameters = Readonly<Record<string, string>>;

/** One statement, or those that fit. */
export type StatementQuestion =
  | { readonly kind: "one"; readonly id: string; readonly voided: boolean; readonly view: StatementView }
  | {
      readonly kind: "many";
      readonly filter: StatementFilter;
      readonly view: StatementView;
      readonly limit: number;
      readonly after: StatementCursor | undefined;
    };

const forOne = new Set(["statementId", "voidedStatementId", "attachments", "format"]);
const forMany = new Set([
  ..."agent verb activity registration related_activities related_agents since until limit format attachments ascending".split(
    " ",
  ),
]);

/**
 * Reads the parameters of `GET statements`, as strictly as the specification: what it does not know is refused.
 * @throws CairnError `BAD_INPUT` that names the parameter
 */
export function readStatementQuestion(given: Parameters, languages: readonly string[]): StatementQuestion {
  if ("more" in given) return continued(given, languages);
  const one = given.statementId ?? given.voidedStatementId;
  only(given, one === undefined ? forMany : forOne);
  const view = {
    format: formatOf(given.format),
    languages,
    attachments: truthOf(given, "attachments"),
  };
  if (one !== undefined) {
    if (given.statementId !== undefined && given.voidedStatementId !== undefined) {
      refuse("voidedStatementId", "either a statementId or a voidedStatementId");
    }
    uuid(one, "statementId");
    return { kind: "one", id: one, voided: given.voidedStatementId !== undefined, view };
  }
  return { kind: "many", filter: filterOf(given), view, limit: limitOf(given.limit), after: undefined };
}

function filterOf(given: Parameters): StatementFilter {
  if (given.verb !== undefined) iri(given.verb, "verb");
  if (given.activity !== undefined) iri(given.activity, "activity");
  if (given.registration !== undefined) uuid(given.registration, "registration");
  for (const name of ["since", "until"]) {
    if (given[name] !== undefined && !isMoment(given[name], { zoned: false })) refuse(name, "a date-time of ISO 8601");
  }
  return {
    ...(given.agent === undefined ? {} : { agent: hashOf(given.agent) }),
    ...picked(given, ["verb", "activity", "registration", "since", "until"]),
    relatedAgents: truthOf(given, "related_agents"),
    relatedActivities: truthOf(given, "related_activities"),
    ascending: truthOf(given, "ascending"),
  };
}

function picked(given: Parameters, names: readonly string[]): Parameters {
  return Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}

function hashOf(source: string): string {
  const value = parseStrictJson(source, "agent");
  identified(value, "agent");
  const identifier = identifierOf(value as JsonObject);
  return identifier === undefined ? refuse("agent", "an agent or a group with an identifier") : agentHash(identifier);
}

function formatOf(format: string | undefined): StatementFormat {
  if (format === undefined) return "exact";
  return format === "ids" || format === "exact" || format === "canonical"
    ? format
    : refuse("format", "ids, exact or canonical");
}

function truthOf(given: Parameters, name: string): boolean {
  const value = given[name];
  if (value !== undefined && value !== "true" && value !== "false") refuse(name, "true or false");
  return value === "true";
}

function limitOf(limit: string | undefined): number {
  if (limit === undefined) return 0;
  return /^\d{1,9}$/.test(limit) ? Number(limit) : refuse("limit", "a whole number that is not negative");
}

function only(given: Parameters, known: ReadonlySet<string>): void {
  const strange = Object.keys(given).find((name) => !known.has(name));
  if (strange !== undefined)
    refuse(/^\w{1,40}$/.test(strange) ? strange : "*", "no parameter the specification does not know");
}

/** The address of the next page: the question itself and where the last page ended, for nobody but cairn to read. */
export function moreToken(given: Parameters, next: StatementCursor): string {
  const { more, ...question } = given;
  const before = more === undefined ? question : openToken(more).question;
  return Buffer.from(JSON.stringify({ question: before, next })).toString("base64url");
}

function openToken(token: string): { question: Parameters; next: StatementCursor } {
  try {
    const { question, next } = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Record<string, unknown>;
    const { storedAt, versionId } = next as Record<string, unknown>;
    if (typeof storedAt !== "string" || Number.isNaN(Date.parse(storedAt)) || !Number.isSafeInteger(versionId))
      throw new Error();
    const texts = Object.entries(question as object).every(([, value]) => typeof value === "string");
    if (!texts) throw new Error();
    return { question: question as Parameters, next: { storedAt, versionId: versionId as number } };
  } catch {
    throw new CairnError("BAD_INPUT", "expected the address of the next page as it was given, got another", {
      hint: "follow the member `more` of the last answer unchanged",
    });
  }
}

function continued(given: Parameters, languages: readonly string[]): StatementQuestion {
  only(given, new Set(["more"]));
  const { question, next } = openToken(given.more!);
  const asked = readStatementQuestion(question, languages);
  if (asked.kind === "one") return refuse("more", "the address of a next page");
  return { ...asked, after: next };
}

/** Which document, or which documents, a request is about. */
export interface DocumentQuestion {
  readonly scope: DocumentScope;
  readonly documentId: string | undefined;
  readonly since: string | undefined;
}

const scopes = {
  state: { id: "stateId", required: ["activityId", "agent"], optional: ["registration"] },
  "activity-profile": { id: "profileId", required: ["activityId"], optional: [] },
  "agent-profile": { id: "profileId", required: ["agent"], optional: [] },
} as const;

/**
 * Reads the parameters of the state and profile resources.
 * @throws CairnError `BAD_INPUT` that names the parameter
 */
export function readDocumentQuestion(kind: DocumentScope["kind"], given: Parameters): DocumentQuestion {
  const { id, required, optional } = scopes[kind];
  only(given, new Set([id, "since", ...required, ...optional]));
  for (const name of required) if (given[name] === undefined) refuse(name, "a value");
  if (given[id]?.includes("\u0000") === true) refuse(id, "a text without NUL");
  if (given.activityId !== undefined) iri(given.activityId, "activityId");
  if (given.registration !== undefined) uuid(given.registration, "registration");
  if (given.since !== undefined && !isMoment(given.since, { zoned: false })) refuse("since", "a date-time of ISO 8601");
  return {
    scope: {
      kind,
      ...(given.activityId === undefined ? {} : { activity: given.activityId }),
      ...(given.agent === undefined ? {} : { agent: readAgent(given.agent) }),
      ...(given.registration === undefined ? {} : { registration: given.registration }),
    },
    documentId: given[id],
    since: given.since,
  };
}

/** An agent as a parameter holds it: JSON. @throws CairnError `BAD_INPUT` */
export function readAgent(source: string | undefined): JsonObject {
  if (source === undefined) refuse("agent", "a value");
  const value = parseStrictJson(source, "agent");
  agent(value, "agent");
  return value as JsonObject;
}

/** An activity's id as a parameter. @throws CairnError `BAD_INPUT` */
export function readActivityId(given: Parameters): string {
  only(given, new Set(["activityId"]));
  iri(given.activityId, "activityId");
  return given.activityId!;
}
