import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "@digitalbazaar/ed25519-multikey";
import fc from "fast-check";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certifies } from "../../../src/records/credentials/answers.ts";
import type { Issuer, Recognition } from "../../../src/records/credentials/issue.ts";
import { issueAchievement, issueRecord, uuidOf } from "../../../src/records/credentials/issue.ts";
import type { JsonObject } from "../../../src/records/credentials/json.ts";
import { multikeyOfJwk } from "../../../src/records/credentials/keys.ts";
import { openSigningKeys, rotateSigningKey } from "../../../src/records/credentials/signing-keys.ts";
import { verifyCredential } from "../../../src/records/credentials/verify.ts";
import "../../support/services.ts";

const now = new Date("2026-03-02T09:30:00Z");
const later = new Date("2026-03-03T00:00:00Z");
const subject = "urn:uuid:6f2e33e5-7a29-4155-840a-59483ba10164";
const recognition: Recognition = {
  key: "sis:b1",
  achievementType: "Badge",
  title: "Comparing fractions",
  description: "Compares fractions by reasoning about their size",
  criteria: "Four of five right on three days",
  awardedOn: "2026-03-01",
  standards: [{ standard: "4.NF.A.2", label: "Compare two fractions" }],
  results: [{ resultType: "Percent", name: "Share of right answers", value: "92" }],
};
const record: JsonObject = {
  tables: { result: [{ record_key: "sis:q1", score: 0.8, missing: false, text_score: null, note: 'zażółć 🙂 "<b>"' }] },
};

let folder = "";
let issuer: Issuer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-keys-"));
  issuer = { name: "North district", keys: await openSigningKeys(folder, "north", now) };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const issuedRecord = async (): Promise<JsonObject> =>
  issueRecord(
    issuer,
    subject,
    { credentials: [await issueAchievement(issuer, subject, recognition, now)], record },
    now,
  );

test("a badge we sign has all five answers verified, and is an Open Badge 3.0 with a CFItem alignment", async () => {
  const badge = await issueAchievement(issuer, subject, recognition, now);
  const verification = await verifyCredential(JSON.stringify(badge), { now: later });
  expect(certifies(verification)).toBe(true);
  expect(verification.format).toBe("Verifiable Credential 2.0");
  expect(verification.signature.proofs.map(({ kind }) => kind)).toEqual(["DataIntegrityProof eddsa-rdfc-2022"]);
  expect(badge).toMatchObject({
    type: ["VerifiableCredential", "OpenBadgeCredential"],
    credentialSubject: { achievement: { alignment: [{ targetType: "CFItem", targetCode: "4.NF.A.2" }] } },
  });
});

test("a record we sign verifies with the credential in it, survives JSON, and keeps every byte of its rows", async () => {
  const document = JSON.parse(JSON.stringify(await issuedRecord()));
  const verification = await verifyCredential(document, { now: later });
  expect([certifies(verification), verification.nested.length]).toEqual([true, 1]);
  expect((document.credentialSubject as JsonObject).learnerRecord).toEqual(record);
});

type Path = readonly (string | number)[];

/** The paths of every leaf, and of every member that can be taken away; contexts have a test of their own. */
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const below = Object.entries(value)
    .filter(([key]) => key !== "@context")
    .flatMap(([key, member]) => paths(member, [...at, Array.isArray(value) ? Number(key) : key]));
  return at.length === 0 ? below : [at, ...below];
}

/** A copy with one thing changed: a leaf said otherwise, a member taken away, or one added where `path` leads. */
function edited(document: JsonObject, path: Path, how: "change" | "remove" | "add"): JsonObject {
  const copy = structuredClone(document);
  // biome-ignore lint/suspicious/noExplicitAny: a path leads through any JSON
  const parent = path.slice(0, -1).reduce((at: any, key) => at[key], copy);
  const key = path.at(-1)!;
  if (how === "remove") {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  } else if (how === "add" && typeof parent[key] === "object" && parent[key] !== null && !Array.isArray(parent[key])) {
    parent[key].honours = "yes";
  } else parent[key] = otherwise(parent[key]);
  return copy;
}

function otherwise(value: unknown): unknown {
  if (typeof value === "string") return `${value}x`;
  if (typeof value === "number") return value + 1;
  return value === true ? false : value === false ? true : "x";
}

test("whatever is edited in a signed record, the edit is found", async () => {
  const document = await issuedRecord();
  // Record and badge name the same issuer: taking its name or type from one of them takes no statement away, because the other
  // still makes it. (The badge's own signature covers its own.)
  const everywhere = paths(document).filter((path) => !(path[0] === "issuer" && path.length > 1 && path[1] !== "id"));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...everywhere), fc.constantFrom("change", "remove", "add"), async (path, how) => {
      const verification = await verifyCredential(edited(document, path, how as "change"), { now: later });
      // What a badge says of its issuer may be said by the record as well: then the badge's own signature finds the edit.
      expect([verification, ...verification.nested].every((one) => one.signature.outcome === "verified")).toBe(false);
      expect(certifies(verification)).toBe(false);
    }),
    { numRuns: 250 },
  );
}, 120_000);

test("the issuer's name in a record cannot be changed, even though the badge says it too", async () => {
  const document = await issuedRecord();
  const { signature } = await verifyCredential(edited(document, ["issuer", "name"], "change"), { now: later });
  expect(signature.outcome).toBe("failed");
});

test("an edit inside the badge of a record breaks the badge and the record", async () => {
  const document = await issuedRecord();
  const path = ["credentialSubject", "verifiableCredential", 0, "name"];
  const verification = await verifyCredential(edited(document, path, "change"), { now: later });
  expect([verification.signature.outcome, verification.nested[0]!.signature.outcome]).toEqual(["failed", "failed"]);
});

test("terms defined in the document itself, or by a context that is not here, leave the signature unchecked", async () => {
  const badge = await issueAchievement(issuer, subject, recognition, now);
  const context = badge["@context"] as string[];
  // Title and description exchanged, and their meanings too: the statements, and so the signature, would be the same.
  const swapped = structuredClone(badge) as { credentialSubject: { achievement: Record<string, unknown> } };
  const { achievement } = swapped.credentialSubject;
  Object.assign(achievement, { name: recognition.description, description: recognition.title });
  achievement["@context"] = { name: "https://schema.org/description", description: "https://schema.org/name" };
  for (const [document, reason] of [
    [swapped, /defines terms of its own/],
    [{ ...badge, "@context": [...context, { extra: "urn:x:extra" }] }, /defines terms of its own/],
    [
      { ...badge, "@context": [...context, "https://example.org/context"] },
      /a context .* is not here: https:\/\/example.org/,
    ],
  ] as const) {
    const { signature } = await verifyCredential(document as JsonObject, { now: later });
    expect(signature.outcome).toBe("not-checked");
    expect(signature.reason).toMatch(reason);
  }
});

test("without the context that makes it a literal, a record is not covered, and the signature says so", async () => {
  const document = await issuedRecord();
  const contexts = (document["@context"] as unknown[]).filter((context) => typeof context === "string");
  const { signature } = await verifyCredential({ ...document, "@context": contexts }, { now: later });
  expect([signature.outcome, signature.reason]).toEqual(["failed", expect.stringMatching(/no context defines/)]);
});

test("somebody else's key cannot sign in the district's name, and an unknown proof beside ours does no harm", async () => {
  const badge = await issueAchievement(issuer, subject, recognition, now);
  const stranger = { name: "North district", keys: await openSigningKeys(folder, "stranger", now) };
  const forged = await issueAchievement(stranger, subject, recognition, now);
  const posing = { ...forged, issuer: badge.issuer };
  expect((await verifyCredential(posing, { now: later })).signature.outcome).toBe("failed");
  // Rightly signed, by a key of another name than the issuer's: the signature holds and the identity does not.
  const keys = [{ issuer: "urn:x:district", publicKeyMultibase: (await generate()).publicKeyMultibase }];
  const { identity } = await verifyCredential(badge, {
    now: later,
    keys: [...keys, { ...keys[0]!, issuer: issuer.keys.district }],
  });
  expect(identity.outcome).toBe("failed");
  const two = { ...badge, proof: [{ type: "DataIntegrityProof", cryptosuite: "ecdsa-sd-2023" }, badge.proof] };
  const both = await verifyCredential(two, { now: later });
  expect(both.signature.proofs.map(({ outcome }) => outcome)).toEqual(["not-checked", "verified"]);
  expect(certifies(both)).toBe(true);
});

test("it is not valid before its day", async () => {
  const badge = await issueAchievement(issuer, subject, recognition, now);
  const early = await verifyCredential(badge, { now: new Date("2026-02-28T00:00:00Z") });
  expect([early.signature.outcome, early.validity.outcome]).toEqual(["verified", "failed"]);
});

test.each(["EdDSA", "ES256", "RS256"])(
  "a JWT signed with %s verifies by its own key, or by the one that is known",
  async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const { proof: _, ...credential } = await issueAchievement(issuer, subject, recognition, now);
    const other = "https://example.edu/issuers/1";
    const sign = (header: object, claims: JsonObject): Promise<string> =>
      new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg, ...header }).sign(privateKey);
    const claims = { vc: { ...credential, issuer: { id: other, type: ["Profile"] } }, iss: other, sub: subject };
    const embedded = await verifyCredential(await sign({ jwk }, claims), { now: later });
    expect([embedded.signature.outcome, embedded.identity.outcome]).toEqual(["verified", "not-checked"]);
    const token = await sign({}, claims);
    expect((await verifyCredential(token, { now: later })).signature.outcome).toBe("not-checked");
    const known = await verifyCredential(token, { now: later, keys: [{ issuer: other, publicKeyJwk: jwk }] });
    expect(certifies(known)).toBe(true);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const changed = Buffer.from(JSON.stringify({ ...claims, iss: "https://example.edu/issuers/2" })).toString(
      "base64url",
    );
    for (const bad of [`${header}.${changed}.${signature}`, `${header}.${payload}.${signature.slice(0, -4)}AAAA`]) {
      const verification = await verifyCredential(bad, { now: later, keys: [{ issuer: other, publicKeyJwk: jwk }] });
      expect([verification.signature.outcome, certifies(verification)]).toEqual(["failed", false]);
    }
    const contradicting = await verifyCredential(await sign({ jwk }, { ...claims, sub: "urn:x:somebody-else" }), {
      now: later,
    });
    expect(contradicting.signature.reason).toMatch(/claim sub says something else/);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    expect((await verifyCredential(unsigned, { now: later })).signature.outcome).toBe("not-checked");
  },
);

test("a JWT by a did:key issuer proves its issuer by itself, and nobody else's", async () => {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const did = `did:key:${(await multikeyOfJwk(jwk))!}`;
  const { proof: _, ...credential } = await issueAchievement(issuer, subject, recognition, now);
  const sign = (id: string, header: object): Promise<string> =>
    new CompactSign(Buffer.from(JSON.stringify({ ...credential, issuer: { id, type: ["Profile"] } })))
      .setProtectedHeader({ alg: "EdDSA", ...header })
      .sign(privateKey);
  for (const header of [{ kid: `${did}#${did.slice(8)}` }, { jwk }, {}]) {
    expect(certifies(await verifyCredential(await sign(did, header), { now: later }))).toBe(true);
  }
  const posing = await verifyCredential(await sign(issuer.keys.district, { jwk }), { now: later });
  expect([posing.signature.outcome, posing.identity.outcome]).toEqual(["verified", "failed"]);
});

test("a signed Open Badges 2.0 assertion verifies by the key its creator names, and by no other", async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const creator = "https://example.org/key.json";
  const assertion = {
    "@context": "https://w3id.org/openbadges/v2",
    type: "Assertion",
    id: "urn:uuid:a953081a-4bbd-4927-9653-7219bca00e3b",
    recipient: { type: "email", identity: "x@example.org" },
    badge: {
      type: "BadgeClass",
      id: "https://example.org/badge",
      issuer: { id: "https://example.org", revocationList: "urn:x:list" },
    },
    verification: { type: "SignedBadge", creator },
    issuedOn: "2026-01-01T00:00:00Z",
  };
  const token = await new CompactSign(Buffer.from(JSON.stringify(assertion)))
    .setProtectedHeader({ alg: "RS256" })
    .sign(privateKey);
  const key = { issuer: "https://example.org", id: creator, publicKeyJwk: await exportJWK(publicKey) };
  const lists = (...revoked: string[]) => new Map([["urn:x:list", { revokedAssertions: revoked }]]);
  const right = await verifyCredential(token, { now: later, keys: [key], statusLists: lists() });
  expect(certifies(right)).toBe(true);
  const without = await verifyCredential(token, {
    now: later,
    keys: [{ ...key, id: "https://example.org/other.json" }],
  });
  expect(without.signature.outcome).toBe("not-checked");
  const revoked = await verifyCredential(token, { now: later, keys: [key], statusLists: lists(assertion.id) });
  expect([revoked.signature.outcome, revoked.status.outcome]).toEqual(["verified", "failed"]);
});

test("what is no credential at all gives answers, never an error", async () => {
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  for (const text of [
    "",
    "null",
    "[]",
    "{}",
    "{",
    "a.b.c",
    `{"proof": ${deep}}`,
    '{"proof": [1, null, {"type": 5}]}',
  ]) {
    const verification = await verifyCredential(text, { now });
    expect(certifies(verification)).toBe(false);
    expect(verification.signature.outcome).not.toBe("verified");
  }
  await fc.assert(
    fc.asyncProperty(fc.object(), async (value) => {
      expect(certifies(await verifyCredential(JSON.stringify(value), { now }))).toBe(false);
    }),
  );
});

test("keys are made once, are their owner's alone, rotate, and keep the district's name", async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => openSigningKeys(folder, "south", now)));
  expect(new Set(all.map(({ district }) => district)).size).toBe(1);
  const path = join(folder, "south.json");
  if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
  const before = { name: "South district", keys: all[0]! };
  const badge = await issueAchievement(before, subject, recognition, now);
  const rotated = await rotateSigningKey(folder, "south", later);
  expect(rotated.district).toBe(all[0]!.district);
  expect(rotated.dids).toHaveLength(2);
  expect(rotated.current.controller).not.toBe(all[0]!.current.controller);
  expect(certifies(await verifyCredential(badge, { now: later }))).toBe(true);
  expect((await openSigningKeys(folder, "south", later)).dids).toEqual(rotated.dids);
  expect(await readFile(path, "utf8")).toContain("secretKeyMultibase");
  await writeFile(join(folder, "odd.json"), "{}", { mode: 0o600 });
  await expect(openSigningKeys(folder, "odd", now)).rejects.toMatchObject({ code: "BAD_CONFIGURATION" });
  if (process.platform !== "win32") {
    await writeFile(join(folder, "open.json"), await readFile(path), { mode: 0o644 });
    await expect(openSigningKeys(folder, "open", now)).rejects.toThrow(/its owner alone can read/);
  }
});

test("ids of credentials are UUIDs that are the same for the same parts", () => {
  expect(uuidOf("a", "b")).toBe(uuidOf("a", "b"));
  expect(uuidOf("a", "b")).not.toBe(uuidOf("ab", ""));
  expect(uuidOf("a")).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
