import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/records/import/json.ts";
import { duration, isMoment, languageTag } from "../../../src/records/import/xapi/checks.ts";
import { isSatisfied, moveOnCriteria, readCourseStructure } from "../../../src/records/import/xapi/course-structure.ts";
import { evidenceOf, secondsOf } from "../../../src/records/import/xapi/evidence.ts";
import { inFormat, statementHash } from "../../../src/records/import/xapi/forms.ts";
import { mentionsOf } from "../../../src/records/import/xapi/mentions.ts";
import { checkStatement } from "../../../src/records/import/xapi/statement-rules.ts";
import { parseStrictJson } from "../../../src/records/import/xapi/strict-json.ts";
import { datasetsFolder } from "../../support/services.ts";

const statement = (changes: object = {}): JsonObject => ({
  actor: { objectType: "Agent", name: "Ada Quillfeather", mbox: "mailto:ada@school.example" },
  verb: { id: "http://adlnet.gov/expapi/verbs/answered", display: { "en-US": "answered" } },
  object: { objectType: "Activity", id: "https://content.example/items/7", definition: { name: { en: "Seven" } } },
  ...changes,
});

/** Where a statement is wrong; undefined when it is right. */
function faultOf(value: unknown, version: "1.0.3" | "2.0.0" = "1.0.3"): string | undefined {
  try {
    checkStatement(value, "s", version);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(CairnError);
    expect((error as CairnError).code).toBe("BAD_INPUT");
    expect((error as Error).message).not.toMatch(/Quillfeather|ada@/);
    return (error as CairnError).details.path as string;
  }
}

test("every rule names the path it is broken at; what fits passes", () => {
  const context = (more: object) => statement({ context: more });
  const cases: [JsonObject, string | undefined][] = [
    [statement(), undefined],
    [statement({ id: "no-uuid" }), "s.id"],
    [statement({ extra: 1 }), "s.extra"],
    [statement({ result: null }), "s.result"],
    [statement({ actor: { mbox: "ada@school.example" } }), "s.actor.mbox"],
    [statement({ actor: { mbox: "mailto:a@b", openid: "https://a" } }), "s.actor"],
    [statement({ actor: { objectType: "Group" } }), "s.actor.member"],
    [
      statement({ actor: { objectType: "Group", member: [{ objectType: "Group", mbox: "mailto:a@b" }] } }),
      "s.actor.member[0].objectType",
    ],
    [statement({ actor: { account: { homePage: "x", name: "7" } } }), "s.actor.account.homePage"],
    [statement({ verb: { id: "answered" } }), "s.verb.id"],
    [statement({ verb: { id: "urn:v", display: { "zh-something-ccc": "x" } } }), "s.verb.display.zh-something-ccc"],
    [
      statement({ object: { id: "urn:a", definition: { interactionType: "choice", scale: [] } } }),
      "s.object.definition.scale",
    ],
    [
      statement({ object: { id: "urn:a", definition: { choices: [{ id: "a" }] } } }),
      "s.object.definition.interactionType",
    ],
    [
      statement({
        object: { id: "urn:a", definition: { interactionType: "choice", choices: [{ id: "a" }, { id: "a" }] } },
      }),
      "s.object.definition.choices[1].id",
    ],
    [statement({ object: { objectType: "Thing", id: "urn:a" } }), "s.object.objectType"],
    [statement({ result: { score: { scaled: 1.01 } } }), "s.result.score.scaled"],
    [statement({ result: { score: { raw: 11, min: 0, max: 10 } } }), "s.result.score.raw"],
    [statement({ result: { score: { min: 2, max: 2 } } }), "s.result.score.min"],
    [statement({ result: { success: "true" } }), "s.result.success"],
    [statement({ result: { duration: "PT" } }), "s.result.duration"],
    [statement({ result: { extensions: { "urn:x": null } } }), undefined],
    [statement({ result: { extensions: { x: 1 } } }), "s.result.extensions.x"],
    [context({ contextActivities: { consequences: [] } }), "s.context.contextActivities.consequences"],
    [context({ contextActivities: { parent: { id: "urn:p" } } }), undefined],
    [context({ language: "something" }), "s.context.language"],
    [context({ team: { mbox: "mailto:a@b" } }), "s.context.team.objectType"],
    [
      statement({ object: { objectType: "Agent", mbox: "mailto:b@b" }, context: { platform: "p" } }),
      "s.context.platform",
    ],
    [statement({ timestamp: "2024-02-30T10:00:00Z" }), "s.timestamp"],
    [statement({ timestamp: "2024-02-29T10:00:00-00:00" }), "s.timestamp"],
    [statement({ timestamp: "2024-02-29T10:00:00" }), undefined],
    [statement({ version: "1.1.0" }), "s.version"],
    [statement({ authority: { objectType: "Group", member: [{ mbox: "mailto:a@b" }] } }), "s.authority"],
    [statement({ verb: { id: "http://adlnet.gov/expapi/verbs/voided" } }), "s.object"],
    [statement({ object: { ...statement(), objectType: "SubStatement", id: "urn:x" } }), "s.object.id"],
    [
      statement({
        object: { ...statement(), objectType: "SubStatement", object: { ...statement(), objectType: "SubStatement" } },
      }),
      "s.object.object.objectType",
    ],
    [
      statement({
        attachments: [{ usageType: "urn:u", display: { en: "x" }, contentType: "text/plain", length: 3, sha2: "ff" }],
      }),
      "s.attachments[0].sha2",
    ],
  ];
  for (const [value, fault] of cases) expect({ fault: faultOf(value), of: value }).toEqual({ fault, of: value });
});

test("2.0 has agents and groups in the context and wants a zone; 1.0.3 has neither", () => {
  const people = {
    contextAgents: [{ objectType: "contextAgent", agent: { mbox: "mailto:t@b" }, relevantTypes: ["urn:teacher"] }],
    contextGroups: [{ objectType: "contextGroup", group: { objectType: "Group", mbox: "mailto:g@b" } }],
  };
  expect(faultOf(statement({ context: people }), "2.0.0")).toBeUndefined();
  expect(faultOf(statement({ context: people }))).toBe("s.context.contextAgents");
  expect(faultOf(statement({ context: { contextAgents: [{ agent: { mbox: "mailto:t@b" } }] } }), "2.0.0")).toBe(
    "s.context.contextAgents[0].objectType",
  );
  expect(
    faultOf(statement({ context: { contextAgents: [{ ...people.contextAgents[0], relevantTypes: [] }] } }), "2.0.0"),
  ).toBe("s.context.contextAgents[0].relevantTypes");
  expect(faultOf(statement({ timestamp: "2024-02-29T10:00:00" }), "2.0.0")).toBe("s.timestamp");
  expect(faultOf(statement({ version: "2.0.0" }), "2.0.0")).toBeUndefined();
  expect(faultOf(statement({ version: "2.0.0" }))).toBe("s.version");
});

test("language tags, moments and durations by their standards", () => {
  const tag = (text: string): boolean => {
    try {
      languageTag(text, "t");
      return true;
    } catch {
      return false;
    }
  };
  for (const good of ["en", "en-US", "zh-Hans-CN", "sr-Cyrl", "tlh", "i-klingon", "x-own", "de-1996", "en-GB-oed"])
    expect([good, tag(good)]).toEqual([good, true]);
  for (const bad of ["", "a", "something", "zh-something-ccc", "s-something", "en_US", "en-"])
    expect([bad, tag(bad)]).toEqual([bad, false]);
  for (const good of ["2008-09-15T15:53:00.601Z", "2013-05-18T05:32:34.804+0000", "2013-05-18T05:32:34+05"])
    expect([good, isMoment(good, { zoned: true })]).toEqual([good, true]);
  for (const bad of ["2008-09-15", "2008-09-31T10:00:00Z", "2008-09-15T24:00:00Z", "2008-09-15T10:00:00-0000"])
    expect([bad, isMoment(bad, { zoned: false })]).toEqual([bad, false]);
  for (const good of ["PT4H35M59.14S", "P3Y6M4DT12H30M5S", "P4W", "PT0S"])
    expect(() => duration(good, "d")).not.toThrow();
  for (const bad of ["P", "PT", "4 hours", "P4W1D", "PT-1S"]) expect(() => duration(bad, "d")).toThrow();
  expect(secondsOf("PT1H1M1.5S")).toBe(3661.5);
  expect(secondsOf("P1W")).toBe(604_800);
});

test("JSON with a member twice is refused, however deep; JSON without is what JSON.parse says", () => {
  expect(() => parseStrictJson('{"actor":1,"verb":{"a":1},"actor":2}', "body")).toThrow(/every member once/);
  expect(() => parseStrictJson('[{"a":{"b":1,"\\u0062":2}}]', "body")).toThrow(/every member once/);
  expect(() => parseStrictJson('{"a":"\\u0000"}', "body")).toThrow(/NUL/);
  expect(() => parseStrictJson('{"a":"\\ud83d"}', "body")).toThrow(/whole characters/);
  expect(parseStrictJson('{"a":"\\\\u0000 \\ud83d\\ude00"}', "body")).toEqual({ a: "\\u0000 😀" });
  expect(() => parseStrictJson("{", "body")).toThrow(/expected JSON at body/);
  const values = fc.json().filter((source) => !source.includes("\\u0000"));
  fc.assert(
    fc.property(values, (source) => {
      expect(parseStrictJson(source, "body")).toEqual(JSON.parse(source));
    }),
  );
});

test("two copies are the same statement when they differ in what receivers and languages add, and only then", () => {
  const base = statement({
    id: "0a0a0a0a-0000-4000-8000-00000000000a",
    context: { contextActivities: { parent: { id: "urn:p" } } },
    result: { score: { scaled: 0.5 } },
  });
  const hash = statementHash(base);
  const same = [
    { ...base, stored: "2024-01-01T00:00:00Z", authority: { mbox: "mailto:x@y" }, version: "1.0.3" },
    { ...base, verb: { id: "http://adlnet.gov/expapi/verbs/answered" } },
    { ...base, context: { contextActivities: { parent: [{ objectType: "Activity", id: "urn:p" }] } } },
    Object.fromEntries(Object.entries(base).reverse()),
  ];
  for (const copy of same) expect(statementHash(copy)).toBe(hash);
  const other = [
    { ...base, result: { score: { scaled: 0.6 } } },
    { ...base, actor: { mbox: "mailto:ben@school.example" } },
    { ...base, context: { contextActivities: { parent: { id: "urn:q" } } } },
    { ...base, result: { score: { scaled: 0.5 }, extensions: { "urn:id": "x" } } },
  ];
  for (const copy of other) expect(statementHash(copy)).not.toBe(hash);
});

test("what features need of a statement: an answer is a response, everything else an event", () => {
  const answered = evidenceOf(
    statement({
      timestamp: "2024-09-03T23:30:00-05:00",
      result: {
        success: true,
        duration: "PT12S",
        extensions: { "https://x.example/ext/attempts": 2, "https://x.example/ext/hint-count": 1 },
      },
      context: { contextActivities: { parent: [{ id: "urn:quiz" }], other: [{ id: "https://s.example/CFItems/1" }] } },
    }),
  );
  expect(answered).toEqual({
    table: "item_response",
    item: "https://content.example/items/7",
    alignedWith: ["https://s.example/CFItems/1", "urn:quiz"],
    answeredAt: "2024-09-04 04:30:00.000",
    correct: 1,
    attempts: 2,
    hints: 1,
    seconds: 12,
  });
  const at = { timestamp: "2024-09-03T10:00:00Z" };
  const event = (verb: string, more: object = {}, masteryScore?: number) =>
    evidenceOf(
      statement({
        ...at,
        verb: { id: verb },
        object: { id: "urn:cairn:activity:a1", definition: { type: "http://adlnet.gov/expapi/activities/lessonUnit" } },
        ...more,
      }),
      { masteryScore },
    );
  expect(event("https://w3id.org/xapi/adl/verbs/satisfied")).toMatchObject({
    table: "activity_event",
    activity: "a1",
    verb: "satisfied",
    kind: "lesson-unit",
    completion: true,
    success: null,
    score: null,
  });
  expect(event("http://adlnet.gov/expapi/verbs/failed", { result: { score: { scaled: -0.2 } } })).toMatchObject({
    verb: "failed",
    success: false,
    score: 0,
  });
  expect(event("http://adlnet.gov/expapi/verbs/terminated", { result: { duration: "PT1H" } })).toMatchObject({
    verb: "terminated",
    seconds: 3600,
  });
  expect(event("http://adlnet.gov/expapi/verbs/scored", { result: { score: { scaled: 0.4 } } }, 0.3)).toMatchObject({
    success: true,
    score: 0.4,
  });
  expect(
    event("http://adlnet.gov/expapi/verbs/scored", { result: { score: { raw: 5, min: 0, max: 20 } } }, 0.3),
  ).toMatchObject({ success: false, score: 0.25 });
  expect(
    evidenceOf(
      statement({ ...at, object: { objectType: "StatementRef", id: "0a0a0a0a-0000-4000-8000-00000000000a" } }),
    ),
  ).toBeUndefined();
});

test("formats: ids leave identifiers, canonical one language; mentions hold no address of a person", () => {
  const full = statement({
    context: { instructor: { objectType: "Group", name: "Staff", member: [{ mbox: "mailto:t@b", name: "Tess" }] } },
  });
  const ids = inFormat(full, "ids");
  expect(ids.actor).toEqual({ objectType: "Agent", mbox: "mailto:ada@school.example" });
  expect(ids.verb).toEqual({ id: "http://adlnet.gov/expapi/verbs/answered" });
  expect(ids.object).toEqual({ objectType: "Activity", id: "https://content.example/items/7" });
  expect(ids.context).toEqual({ instructor: { objectType: "Group", member: [{ mbox: "mailto:t@b" }] } });
  const words = statement({ verb: { id: "urn:v", display: { "en-US": "answered", "de-DE": "beantwortete" } } });
  expect((inFormat(words, "canonical", ["de"]).verb as JsonObject).display).toEqual({ "de-DE": "beantwortete" });
  expect((inFormat(words, "canonical", ["fr"]).verb as JsonObject).display).toEqual({ "en-US": "answered" });
  expect((inFormat(words, "canonical", ["fr"]).actor as JsonObject).name).toBe("Ada Quillfeather");
  const mentions = mentionsOf(full);
  expect(mentions.agents).toHaveLength(1);
  expect(mentions.related).toHaveLength(3); // the actor, the instructor's member, the activity
  expect(JSON.stringify(mentions)).not.toMatch(/ada@|Ada/);
});

test("moveOn: what satisfies a unit", () => {
  const nothing = { completed: false, passed: false, waived: false };
  const truth = (progress: object) =>
    moveOnCriteria.filter((criterion) => isSatisfied(criterion, { ...nothing, ...progress }));
  expect(truth({})).toEqual(["NotApplicable"]);
  expect(truth({ passed: true })).toEqual(["Passed", "CompletedOrPassed", "NotApplicable"]);
  expect(truth({ completed: true })).toEqual(["Completed", "CompletedOrPassed", "NotApplicable"]);
  expect(truth({ completed: true, passed: true })).toEqual([...moveOnCriteria]);
  expect(truth({ waived: true })).toEqual([...moveOnCriteria]);
});

test("a course structure that breaks a rule of cmi5 is refused by line", () => {
  const course = (au: string) =>
    `<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">\n<course id="urn:c"><title><langstring lang="en">C</langstring></title></course>\n${au}</courseStructure>`;
  expect(
    readCourseStructure(
      course(
        '<au id="urn:a" masteryScore="0.3" moveOn="Passed"><title><langstring lang="en">A &amp; B</langstring></title><url>a.html</url></au>',
      ),
    ).units,
  ).toEqual([
    {
      id: "urn:a",
      title: "A & B",
      language: "en",
      blocks: [],
      objectives: [],
      moveOn: "Passed",
      masteryScore: 0.3,
      url: "a.html",
      line: 3,
    },
  ]);
  for (const [au, message] of [
    ['<au id="a"/>', /full IRI/],
    ['<au id="urn:a"/><au id="urn:a"/>', /occurs once/],
    ['<au id="urn:a" masteryScore="3"/>', /masteryScore from 0 to 1/],
    ['<au id="urn:a" moveOn="Later"/>', /moveOn of/],
    ["", /at least one assignable unit/],
    ['<au id="urn:a">', /well-formed XML/],
  ] as const) {
    expect(() => readCourseStructure(course(au))).toThrow(message);
  }
});

describe.skipIf(datasetsFolder() === undefined)(
  "the conformance suite's templates (needs the shared data sets)",
  () => {
    const folder = join(datasetsFolder() ?? "", "standards/xapi-cmi5/test/v1_0_3/templates");
    const files =
      datasetsFolder() === undefined
        ? []
        : readdirSync(folder, { recursive: true })
            .map(String)
            .filter((name) => name.endsWith(".json"))
            .sort();

    /** Templates that are wrong in themselves, or skeletons that a test of the suite fills in. */
    const wrong: Record<string, RegExp> = {
      "activities/description_invalid.json": /definition\.description/,
      "activities/interaction_type_invalid_iri.json": /interactionType/,
      "activities/interaction_type_invalid_numeric.json": /interactionType/,
      "activities/interaction_type_invalid_object.json": /interactionType/,
      "activities/interaction_type_invalid_string.json": /interactionType/,
      "activities/name_invalid.json": /definition\.name/,
      "activities/no_id.json": /object\.id/,
      "activities/numeric_description.json": /definition\.description/,
      "activities/numeric_name.json": /definition\.name/,
      "activities/string_description.json": /definition\.description/,
      "activities/string_name.json": /definition\.name/,
      "agents/account_no_homepage.json": /homePage/,
      "agents/account_no_name.json": /account\.name/,
      "contexts/instructor.json": /instructor/,
      "contexts/invalid_activity.json": /consequences/,
      "contexts/team.json": /team\.member/,
      "groups/anonymous_no_member.json": /member/,
      "groups/identified_account_no_homepage.json": /homePage/,
      "groups/identified_account_no_name.json": /account\.name/,
      "statements/actor.json": /actor/,
      "statements/authority.json": /authority/,
      "statements/multiple_actor.json": /body/,
      "statements/no_actor.json": /actor/,
      "statements/no_object.json": /object/,
      "statements/no_verb.json": /verb/,
      "statements/object_activity.json": /object\.id/,
      "statements/object_actor.json": /object/,
      "statements/object_statementref_no_id.json": /object\.id/,
      "statements/object_substatement.json": /object\.actor/,
      "statements/verb.json": /verb\.id/,
      "substatements/activity.json": /object\.object\.id/,
      "substatements/activity_definition_description_invalid.json": /description/,
      "substatements/activity_definition_name_invalid.json": /definition\.name/,
      "substatements/actor.json": /object\.actor/,
      "substatements/agent.json": /object\.object/,
      "substatements/context_invalid_language_map.json": /context\.language/,
      "substatements/group.json": /object\.object\.member/,
      "substatements/interaction_component_invalid_language_map.json": /description/,
      "substatements/no_actor.json": /object\.actor/,
      "substatements/no_object.json": /object\.object/,
      "substatements/no_verb.json": /object\.verb/,
      "substatements/statementref_no_id.json": /object\.object\.id/,
      "substatements/verb.json": /object\.verb\.id/,
      "substatements/verb_invalid.json": /object\.verb\.display/,
      "verbs/no_id.json": /verb\.id/,
    };

    /** A whole statement with the template in its place. */
    function inPlace(file: string, part: unknown): unknown {
      const kind = file.split("/")[0];
      if (kind === "statements") return part;
      if (kind === "agents" || kind === "groups") return statement({ actor: part });
      if (kind === "verbs")
        return file.endsWith("voided.json")
          ? statement({
              verb: part,
              object: { objectType: "StatementRef", id: "8f87ccde-bb56-4c2e-ab83-44982ef22df0" },
            })
          : statement({ verb: part });
      if (kind === "contexts") return statement({ context: part });
      if (kind === "results") return statement({ result: part });
      return statement({ object: part });
    }

    test.each(files)("%s", (file) => {
      const source = readFileSync(join(folder, file), "utf8");
      let fault: string | undefined;
      try {
        fault = faultOf(inPlace(file, parseStrictJson(source, "body")));
      } catch (error) {
        fault = (error as CairnError).details.path as string;
      }
      if (wrong[file] === undefined) expect(fault).toBeUndefined();
      else expect(fault).toMatch(wrong[file]);
    });

    test("masteryScore and moveOn of the course structures", () => {
      const courses = join(folder, "../../../cmi5");
      const read = (name: string) =>
        readCourseStructure(readFileSync(join(courses, `${name}.cmi5.xml`), "utf8")).units.map(
          ({ moveOn, masteryScore }) => [moveOn, masteryScore],
        );
      expect(read("masteryscore_responsive")).toEqual([["CompletedOrPassed", 0.3]]);
      expect(new Set(read("pre_post_test_framed").map(([moveOn]) => moveOn))).toEqual(
        new Set(["Passed", "CompletedOrPassed"]),
      );
      expect(read("single_au_basic_responsive")).toHaveLength(1);
      expect(read("multi_au_framed")).toHaveLength(8);
    });
  },
);
