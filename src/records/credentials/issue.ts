import { createHash } from "node:crypto";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import type { KeyPair } from "@digitalbazaar/ed25519-multikey";
import { cryptosuite } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import { issue } from "@digitalbazaar/vc";
import { CairnError } from "../../errors.ts";
import { issuedContexts, openContexts, recordContext } from "./contexts.ts";
import type { JsonObject } from "./json.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** The district that signs. */
export interface Issuer {
  readonly name: string;
  readonly keys: SigningKeys;
}

/** A standard an achievement is about. */
export interface AlignedStandard {
  /** The id evidence names it by; its address is `uri` where it has one. */
  readonly standard: string;
  readonly label: string | null;
  readonly code?: string | null;
  readonly framework?: string | null;
  readonly uri?: string | null;
}

/** A mark that belongs to an achievement. */
export interface AchievedResult {
  /** One of the result types of Open Badges 3.0 (annex B.3), such as `Percent`, `LetterGrade`, `RawScore`. */
  readonly resultType: "Percent" | "LetterGrade" | "RawScore" | "PerformanceLevel";
  readonly value: string;
  readonly name: string;
}

/** What somebody is recognised for. */
export interface Recognition {
  /** What makes it the same recognition when it is issued again, such as a record key. */
  readonly key: string;
  readonly achievementType: "Badge" | "Assessment" | "Course" | "Membership" | "Achievement";
  readonly title: string;
  readonly description: string;
  /** What was asked for it, in words. */
  readonly criteria: string;
  /** The day from which it holds. */
  readonly awardedOn: string;
  readonly standards?: readonly AlignedStandard[];
  readonly results?: readonly AchievedResult[];
  /** Where others look up whether it was taken back (`credentialStatus`); absent: it cannot be. */
  readonly status?: JsonObject;
}

/** A name that is the same for the same parts and says nothing of them: the first 128 bits of their SHA-256. */
export function uuidOf(...parts: readonly string[]): string {
  const hash = createHash("sha256").update(parts.join("\u0000")).digest("hex");
  const variant = ((Number.parseInt(hash[16]!, 16) & 3) | 8).toString(16);
  return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/**
 * An Open Badges 3.0 credential, signed by the district (Verifiable Credentials 2.0, eddsa-rdfc-2022): a badge, a standard
 * reached, a course passed. Standards are alignments of the type CFItem.
 * @param subject - the learner's id in the credential, a URI without a name in it
 */
export async function issueAchievement(
  issuer: Issuer,
  subject: string,
  recognition: Recognition,
  now: Date,
): Promise<JsonObject> {
  const {
    key,
    achievementType,
    title,
    description,
    criteria,
    awardedOn,
    standards = [],
    results = [],
    status,
  } = recognition;
  const achievementId = uuidOf(issuer.keys.district, "achievement", achievementType, title, key);
  const described = results.map((result, i) => ({ ...result, id: uuidOf(achievementId, "result", String(i)) }));
  return sign(
    issuer,
    {
      "@context": issuedContexts.badge,
      id: uuidOf(issuer.keys.district, "credential", subject, key),
      type: ["VerifiableCredential", "OpenBadgeCredential"],
      issuer: profile(issuer),
      validFrom: `${awardedOn}T00:00:00Z`,
      name: title,
      ...(status !== undefined && { credentialStatus: status }),
      credentialSubject: {
        id: subject,
        type: ["AchievementSubject"],
        achievement: {
          id: achievementId,
          type: ["Achievement"],
          achievementType,
          name: title,
          description,
          criteria: { narrative: criteria },
          ...(standards.length > 0 && { alignment: standards.map(alignment) }),
          ...(described.length > 0 && {
            resultDescription: described.map(({ id, name, resultType }) => ({
              id,
              type: ["ResultDescription"],
              name,
              resultType,
            })),
          }),
        },
        ...(described.length > 0 && {
          result: described.map(({ id, value }) => ({ type: ["Result"], resultDescription: id, value })),
        }),
      },
    },
    now,
  );
}

/**
 * A learner's whole record as a Comprehensive Learner Record 2.0, signed by the district: the credentials in it, each with its
 * own signature, and the record itself as a JSON literal under the outer one.
 * @param contents - `credentials`: at least one (CLR 2.0 asks for it), a JWT stays a text; `record`: the record's rows, any JSON
 */
export async function issueRecord(
  issuer: Issuer,
  subject: string,
  contents: { readonly credentials: readonly (JsonObject | string)[]; readonly record: JsonObject },
  now: Date,
): Promise<JsonObject> {
  const { credentials, record } = contents;
  if (credentials.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a learner record of at least one credential, got none", {
      hint: "a learner who is enrolled has a credential of membership",
    });
  }
  return sign(
    issuer,
    {
      "@context": [...issuedContexts.record, recordContext],
      id: uuidOf(issuer.keys.district, "record", subject, now.toISOString()),
      type: ["VerifiableCredential", "ClrCredential"],
      issuer: profile(issuer),
      validFrom: seconds(now),
      name: "Learner record",
      credentialSubject: {
        id: subject,
        type: ["ClrSubject"],
        verifiableCredential: credentials,
        learnerRecord: record,
      },
    },
    now,
  );
}

function profile({ name, keys }: Issuer): JsonObject {
  return { id: keys.current.controller, type: ["Profile"], name };
}

function alignment({ standard, label, code, framework, uri }: AlignedStandard): JsonObject {
  return {
    type: ["Alignment"],
    targetType: "CFItem",
    targetName: label ?? code ?? standard,
    targetUrl: uri ?? `urn:cairn:standard:${encodeURIComponent(standard)}`,
    targetCode: code ?? standard,
    ...(framework !== undefined && framework !== null && { targetFramework: framework }),
  };
}

function sign({ keys }: Issuer, credential: JsonObject, now: Date): Promise<JsonObject> {
  return signAs(keys.current, credential, now);
}

/** Signs a credential (eddsa-rdfc-2022) with one of the district's keys. */
export async function signAs(key: KeyPair, credential: JsonObject, now: Date): Promise<JsonObject> {
  const suite = new DataIntegrityProof({ cryptosuite, signer: key.signer(), date: seconds(now) });
  // A copy: the library adds the proof to what it is given.
  return issue({ credential: structuredClone(credential), suite, documentLoader: openContexts().load, now });
}

/** The form dates have in credentials: whole seconds. */
function seconds(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
