import type { JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import { agent, authority, group, identified } from "./agent-rules.ts";
import type { Check, XapiVersion } from "./checks.ts";
import {
  checkShape,
  duration,
  extensions,
  filledText,
  iri,
  languageMap,
  languageTag,
  listOfEach,
  momentOf,
  number,
  refuse,
  text,
  truth,
  uuid,
  word,
} from "./checks.ts";

/** The verb that takes a statement back. */
export const voided = "http://adlnet.gov/expapi/verbs/voided";

const interactions: Readonly<Record<string, readonly string[]>> = {
  "true-false": [],
  choice: ["choices"],
  "fill-in": [],
  "long-fill-in": [],
  matching: ["source", "target"],
  performance: ["steps"],
  sequencing: ["choices"],
  likert: ["scale"],
  numeric: [],
  other: [],
};
const componentLists = ["choices", "scale", "source", "target", "steps"];

const components: Check = (value, path) => {
  const seen = new Set<unknown>();
  listOfEach((entry, at) => {
    const { id } = checkShape(entry, at, { members: { id: filledText, description: languageMap }, required: ["id"] });
    if (seen.has(id)) refuse(`${at}.id`, "an id that occurs once in its list");
    seen.add(id);
  })(value, path);
};

const definition: Check = (value, path) => {
  const found = checkShape(value, path, {
    members: {
      name: languageMap,
      description: languageMap,
      type: iri,
      moreInfo: iri,
      extensions,
      interactionType: word(...Object.keys(interactions)),
      correctResponsesPattern: listOfEach(text),
      ...Object.fromEntries(componentLists.map((list) => [list, components])),
    },
  });
  const given = componentLists.filter((list) => list in found);
  const type = found.interactionType as string | undefined;
  if (type === undefined && (given.length > 0 || "correctResponsesPattern" in found)) {
    refuse(`${path}.interactionType`, "the type of the interaction");
  }
  const strange = given.find((list) => type !== undefined && !interactions[type]!.includes(list));
  if (strange !== undefined) refuse(`${path}.${strange}`, `no such list with an interaction of type ${type}`);
};

const activity: Check = (value, path) => {
  checkShape(value, path, { members: { objectType: word("Activity"), id: iri, definition }, required: ["id"] });
};

const statementReference: Check = (value, path) => {
  checkShape(value, path, { members: { objectType: word("StatementRef"), id: uuid }, required: ["objectType", "id"] });
};

const score: Check = (value, path) => {
  const { scaled, raw, min, max } = checkShape(value, path, {
    members: { scaled: number, raw: number, min: number, max: number },
  }) as Record<string, number | undefined>;
  if (scaled !== undefined && (scaled < -1 || scaled > 1)) refuse(`${path}.scaled`, "a number from -1 to 1");
  if (min !== undefined && max !== undefined && min >= max) refuse(`${path}.min`, "a number below max");
  if (raw !== undefined && ((min !== undefined && raw < min) || (max !== undefined && raw > max))) {
    refuse(`${path}.raw`, "a number from min to max");
  }
};

const result: Check = (value, path) => {
  checkShape(value, path, {
    members: { score, success: truth, completion: truth, response: text, duration, extensions },
  });
};

const activities: Check = (value, path) => (Array.isArray(value) ? listOfEach(activity) : activity)(value, path);

const contextActivities: Check = (value, path) => {
  checkShape(value, path, {
    members: { parent: activities, grouping: activities, category: activities, other: activities },
  });
};

const relevantTypes: Check = (value, path) => {
  listOfEach(iri)(value, path);
  if ((value as unknown[]).length === 0) refuse(path, "a list that is not empty");
};

const contextAgents = listOfEach((value, path) => {
  const members = { objectType: word("contextAgent"), agent, relevantTypes };
  checkShape(value, path, { members, required: ["objectType", "agent"] });
});

const contextGroups = listOfEach((value, path) => {
  const members = { objectType: word("contextGroup"), group, relevantTypes };
  checkShape(value, path, { members, required: ["objectType", "group"] });
});

const contextOf =
  (version: XapiVersion): Check =>
  (value, path) => {
    checkShape(value, path, {
      members: {
        registration: uuid,
        instructor: identified,
        team: group,
        contextActivities,
        revision: text,
        platform: text,
        language: languageTag,
        statement: statementReference,
        extensions,
        ...(version === "2.0.0" ? { contextAgents, contextGroups } : {}),
      },
    });
  };

const attachment: Check = (value, path) => {
  checkShape(value, path, {
    members: {
      usageType: iri,
      display: languageMap,
      description: languageMap,
      contentType: mediaType,
      length: byteCount,
      sha2,
      fileUrl: iri,
    },
    required: ["usageType", "display", "contentType", "length", "sha2"],
  });
};

const mediaType: Check = (value, path) => {
  if (typeof value !== "string" || !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:;.*)?$/.test(value))
    refuse(path, "a media type");
};

const byteCount: Check = (value, path) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(path, "a number of bytes");
};

/** SHA-224, -256, -384 or -512 in hexadecimal digits. */
const sha2: Check = (value, path) => {
  if (typeof value !== "string" || !/^(?:[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i.test(value)) {
    refuse(path, "a SHA-2 sum in hexadecimal digits");
  }
};

const verb: Check = (value, path) => {
  checkShape(value, path, { members: { id: iri, display: languageMap }, required: ["id"] });
};

/** What a statement and one inside another have in common. */
const common = (version: XapiVersion): Readonly<Record<string, Check>> => ({
  actor: identified,
  verb,
  result,
  context: contextOf(version),
  timestamp: momentOf(version),
  attachments: listOfEach(attachment),
});
const needed = ["actor", "verb", "object"];

const objectOf =
  (version: XapiVersion, depth: "statement" | "inside"): Check =>
  (value, path) => {
    if (!isObject(value)) refuse(path, "an object");
    const kind = value.objectType ?? "Activity";
    if (kind === "Activity") activity(value, path);
    else if (kind === "Agent" || kind === "Group") identified(value, path);
    else if (kind === "StatementRef") statementReference(value, path);
    else if (kind === "SubStatement" && depth === "statement") subStatement(version)(value, path);
    else refuse(`${path}.objectType`, "Activity, Agent, Group, StatementRef or (outside of another) SubStatement");
  };

const subStatement =
  (version: XapiVersion): Check =>
  (value, path) => {
    const members = { ...common(version), object: objectOf(version, "inside"), objectType: word("SubStatement") };
    checkTogether(checkShape(value, path, { members, required: needed }), path);
  };

/** Rules that join members: a revision or platform needs an activity; voiding needs a statement to void. */
function checkTogether(statement: JsonObject, path: string): void {
  const kind = (statement.object as JsonObject).objectType ?? "Activity";
  const context = (statement.context ?? {}) as JsonObject;
  for (const member of ["revision", "platform"]) {
    if (member in context && kind !== "Activity")
      refuse(`${path}.context.${member}`, "nothing, since the object is no activity");
  }
  if ((statement.verb as JsonObject).id === voided && kind !== "StatementRef") {
    refuse(`${path}.object`, "a reference to the statement that is voided");
  }
}

/**
 * Checks a statement as strictly as the specification: 1.0.3 part two, or IEEE 9274.1.1 (2.0), whose context has agents and groups.
 * @param path - where it stands, for messages, such as `statements[3]`
 * @throws CairnError `BAD_INPUT` with the path of the first fault, never with a value
 */
export function checkStatement(value: unknown, path: string, version: XapiVersion): asserts value is JsonObject {
  const members: Readonly<Record<string, Check>> = {
    ...common(version),
    id: uuid,
    object: objectOf(version, "statement"),
    stored: momentOf(version),
    authority,
    version: (said, at) => {
      const fits = version === "2.0.0" ? /^(?:1\.0|2\.0)(?:\.\d+)?$/ : /^1\.0(?:\.\d+)?$/;
      if (typeof said !== "string" || !fits.test(said)) refuse(at, `a version of xAPI ${version.slice(0, 3)}`);
    },
  };
  checkTogether(checkShape(value, path, { members, required: needed }), path);
}
