import { z } from "zod";
import type { Answer } from "./answers.ts";
import { failed, verified } from "./answers.ts";
import type { JsonObject } from "./json.ts";
import { textsOf } from "./json.ts";

/** The types of credentials cairn reads. */
export const credentialTypes = [
  "OpenBadgeCredential",
  "AchievementCredential",
  "EndorsementCredential",
  "ClrCredential",
  "BitstringStatusListCredential",
] as const;

/** One type or a list of types, one of which must be the named one. */
const typed = (name: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .refine((type) => textsOf(type).includes(name), { message: `expected the type ${name}` });
const text = z.string().min(1);
const listed = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]).optional();

const profile: z.ZodType = z.lazy(() =>
  z.looseObject({
    id: text,
    type: typed("Profile"),
    name: text.optional(),
    otherIdentifier: listed(z.looseObject({ type: typed("IdentifierEntry"), identifier: text, identifierType: text })),
    parentOrg: profile.optional(),
  }),
);
const alignment = z.looseObject({ type: typed("Alignment"), targetName: text, targetUrl: text });
const resultDescription = z.looseObject({ id: text, type: typed("ResultDescription"), name: text, resultType: text });
const achievement = z.looseObject({
  id: text,
  type: typed("Achievement"),
  name: text,
  description: text,
  criteria: z.looseObject({ id: text.optional(), narrative: text.optional() }),
  alignment: listed(alignment),
  resultDescription: listed(resultDescription),
});
const subjects = {
  badge: z.looseObject({ type: typed("AchievementSubject"), achievement }),
  endorsement: z.looseObject({ id: text, type: typed("EndorsementSubject") }),
  record: z.looseObject({
    type: typed("ClrSubject"),
    verifiableCredential: z.union([z.looseObject({}), text, z.array(z.union([z.looseObject({}), text])).min(1)]),
    achievement: listed(achievement),
    association: listed(z.looseObject({ associationType: text, sourceId: text, targetId: text })),
  }),
  statusList: z.looseObject({ type: z.string(), statusPurpose: z.union([text, z.array(text)]), encodedList: text }),
};

function subjectOf(types: readonly string[]): z.ZodType | undefined {
  if (types.includes("ClrCredential")) return subjects.record;
  if (types.includes("EndorsementCredential")) return subjects.endorsement;
  if (types.includes("BitstringStatusListCredential")) return subjects.statusList;
  return types.includes("OpenBadgeCredential") || types.includes("AchievementCredential") ? subjects.badge : undefined;
}

/**
 * Whether a credential has the members its types require (Open Badges 3.0, annex B; CLR 2.0, annex B; Verifiable Credentials
 * 1.1 and 2.0, section 4), as cairn reads the standards: the JSON Schemas it may name are not shipped and not fetched.
 */
export function checkShape(document: JsonObject): Answer {
  const types = textsOf(document.type);
  if (!types.includes("VerifiableCredential")) return failed("it is no VerifiableCredential");
  const subject = subjectOf(types);
  if (subject === undefined) return failed(`expected one of the types ${credentialTypes.join(", ")}`);
  const issuer = types.includes("BitstringStatusListCredential")
    ? z.union([text, z.looseObject({ id: text })])
    : profile;
  const [first] = textsOf(document["@context"]);
  if (first === undefined || !/^https:\/\/www\.w3\.org\/(2018\/credentials\/v1|ns\/credentials\/v2)$/.test(first))
    return failed("the first context must be that of Verifiable Credentials");
  const parsed = z.looseObject({ issuer, credentialSubject: listed(subject).unwrap() }).safeParse(document);
  if (parsed.success) return verified("it has the members its types require");
  const [fault] = deepest(parsed.error.issues);
  return failed(`${fault!.path.join(".") || "the document"}: ${fault!.message}`);
}

/** Of the alternatives of a union, the faults of the one that came furthest: "expected text" about an object says little. */
function deepest(
  issues: readonly z.core.$ZodIssue[],
  path: readonly PropertyKey[] = [],
): { path: PropertyKey[]; message: string }[] {
  const faults = issues.flatMap((issue) => {
    const here = [...path, ...issue.path];
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [{ path: here, message: issue.message }];
    return issue.errors.flatMap((branch) => deepest(branch, here));
  });
  return faults.toSorted((a, b) => b.path.length - a.path.length);
}
