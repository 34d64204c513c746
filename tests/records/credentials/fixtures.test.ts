import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import type { Answer, CredentialVerification } from "../../../src/records/credentials/answers.ts";
import { certifies } from "../../../src/records/credentials/answers.ts";
import { verifyCredential } from "../../../src/records/credentials/verify.ts";
import { datasetsFolder } from "../../support/services.ts";

const datasets = datasetsFolder();
const folder = datasets === undefined ? "" : join(datasets, "standards/openbadges-clr");
const now = new Date("2026-11-23T12:00:00Z");
const statusList =
  "https://raw.githubusercontent.com/1EdTech/digital-credentials-public-validator/refs/heads/main/inspector-vc/src/test/resources/ob30/bit-string-list/testlist";

// Five letters: signature, validity, status, identity, schema; v verified, f failed, n not checked. The next five: of the
// credential inside. The text: a part of the reason of the first answer that is not "verified", or of the one that matters.
const table: readonly (readonly [file: string, answers: string, reason: RegExp])[] = [
  ["ob30/bit-string-list/credential-status-revoked.json", "vvfnv", /it was revoked/],
  ["ob30/bit-string-list/testlist", "vvvnv", /nothing here proves/],
  ["ob30/credential-status-revoked.json", "vvnnv", /the status list is not here/],
  ["ob30/endorsement-err-schema-status-refresh.json", "fvnnv", /signature does not fit/],
  ["ob30/endorsement-valid.json", "vvvnv", /nothing here proves/],
  ["ob30/simple-did-key-method.json", "vvvnv", /signature is right, but nothing here proves/],
  ["ob30/simple-did-web-method.json", "vvvnv", /nothing here proves/],
  [
    "ob30/simple-err-credential-subject-achievement-result-description-type.json",
    "fvvnf",
    /expected the type ResultDesc/,
  ],
  ["ob30/simple-err-expired.json", "vfvnv", /expired/],
  ["ob30/simple-err-issuer-otheridentifier-type.json", "fvvnf", /expected the type IdentifierEntry/],
  ["ob30/simple-err-issuer-parentorg-type.json", "fvvnf", /expected the type Profile/],
  ["ob30/simple-err-issuer.json", "vvvff", /it names no issuer/],
  ["ob30/simple-err-proof-method-unknown-scheme.json", "fvvnv", /signature does not fit/],
  ["ob30/simple-err-proof-method.json", "fvvnv", /the key is no Ed25519 key/],
  ["ob30/simple-err-proof-value.json", "fvvnv", /signature does not fit/],
  ["ob30/simple-err-type.json", "fvvnf", /expected one of the types OpenBadgeCredential/],
  ["ob30/simple-noproof.json", "nvvnf", /carries no proof/],
  ["ob30/simple.json", "vvvnv", /nothing here proves/],
  ["ob30/simple.jwt", "nvvnf", /the key is neither in the token/],
  ["ob30/simple_v1.json", "vvvnv", /nothing here proves/],
  ["clr20/simple-noproof.json", "nvvnv fvvnv", /carries no proof/],
  ["clr20/simple.json", "vvvnv vvvnv", /nothing here proves/],
  ["clr20/simple.jwt", "vvvnv vvvnv", /nothing here proves/],
  ["tcp/LER-RS_V2_UC008_portability.json", "nvvnf", /RsaSignature2018 is no kind of proof/],
  ["tcp/LER-RS_V2_UC009_exchanging.json", "nvvnf", /RsaSignature2018/],
  ["tcp/LER-RS_V2_UC010_applying.json", "nvvnf", /RsaSignature2018/],
  ["tcp/LER-RS_V2_VCwrapper.json", "nvvnf", /RsaSignature2018/],
  ["ob20/assertion-with-data-image.json", "nvnnv", /hosted/],
  ["ob20/assertion-with-endorsements.json", "nvnnv", /hosted/],
  ["ob20/assertion-with-extension-node-basic.json", "nvnnv", /hosted/],
  ["ob20/assertion-with-extension-node-invalid.json", "nvnnv", /hosted/],
  ["ob20/assertion-with-multiple-extensions.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-expired-before-issued.json", "nfnnv", /ends before it begins/],
  ["ob20/basic-assertion-expired.json", "nfnnv", /expired/],
  ["ob20/basic-assertion-in-future.json", "nfnnv", /not valid before 2100/],
  ["ob20/basic-assertion-invalid-context.json", "nvnnf", /expected the context/],
  ["ob20/basic-assertion-invalid-type.json", "nvnnf", /expected an Assertion/],
  ["ob20/basic-assertion-no-public-key.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-allowed-origins-invalid-multiple-starts-with.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-allowed-origins-invalid-starts-with.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-allowed-origins-valid-multiple-starts-with.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-allowed-origins-valid-starts-with.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-allowed-origins.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion-with-language.json", "nvnnv", /hosted/],
  ["ob20/basic-assertion.json", "nvnnv", /hosted/],
  ["ob20/warning-issuer-non-http.json", "nvnnv", /hosted/],
  ["ob20/warning-with-redirection.json", "nvnnv", /hosted/],
];

// What an assertion points at (badge classes, issuers, keys, revocation lists, criteria), JSON with comments, classes nobody
// knows: nothing of it awards anybody anything, so each is refused for its form.
const parts = (file: string): boolean =>
  file.startsWith("ob20/") && (/^ob20\/(assets|rdf-validation)\//.test(file) || !table.some(([name]) => name === file));

function files(at: string): string[] {
  return readdirSync(at)
    .map((name) => join(at, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [relative(folder, path).replaceAll(sep, "/")]));
}

const answersOf = (v: CredentialVerification): Answer[] => [v.signature, v.validity, v.status, v.identity, v.schema];
const letters = (v: CredentialVerification): string =>
  answersOf(v)
    .map(({ outcome }) => outcome[0])
    .join("");

async function verifyFile(file: string): Promise<CredentialVerification> {
  const statusLists = new Map([
    [statusList, JSON.parse(readFileSync(join(folder, "ob30/bit-string-list/testlist"), "utf8"))],
  ]);
  return verifyCredential(readFileSync(join(folder, file), "utf8"), { now, statusLists });
}

const withFixtures = test.skipIf(datasets === undefined);

withFixtures.each(table)("%s: %s (needs ../shared/datasets)", async (file, expected, reason) => {
  const verification = await verifyFile(file);
  expect([verification, ...verification.nested].map(letters).join(" ")).toBe(expected);
  expect(
    answersOf(verification)
      .map((answer) => answer.reason)
      .join("\n"),
  ).toMatch(reason);
  expect(certifies(verification)).toBe(false); // no fixture proves its issuer without the network
});

withFixtures("every other file of Open Badges 2.0 is refused for its form (needs ../shared/datasets)", async () => {
  const others = ["ob20", "ob30", "clr20", "tcp"].flatMap((name) => files(join(folder, name))).filter(parts);
  expect(others).toHaveLength(52);
  for (const file of others) {
    const verification = await verifyFile(file);
    expect([file, verification.schema.outcome, certifies(verification)]).toEqual([file, "failed", false]);
  }
  const named = new Set(table.map(([file]) => file));
  const all = ["ob20", "ob30", "clr20", "tcp"].flatMap((name) => files(join(folder, name)));
  expect(all.filter((file) => !named.has(file) && !parts(file))).toEqual([]);
});

withFixtures("with the revocation list given, the 1EdTech status says revoked (needs ../shared/datasets)", async () => {
  const document = JSON.parse(readFileSync(join(folder, "ob30/credential-status-revoked.json"), "utf8"));
  const list = { id: document.credentialStatus.id, revokedCredential: [{ id: document.id, revocationReason: "test" }] };
  const statusLists = new Map([[document.credentialStatus.id, list]]);
  const { signature, status } = await verifyCredential(document, { now, statusLists });
  expect([signature.outcome, status.outcome]).toEqual(["verified", "failed"]);
});

withFixtures("a known key proves the issuer, another known key disproves it (needs ../shared/datasets)", async () => {
  const text = readFileSync(join(folder, "ob30/simple.json"), "utf8");
  const issuer = "https://example.com/issuers/876543";
  const right = { issuer, publicKeyMultibase: "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi" };
  const wrong = { issuer, publicKeyMultibase: "z6MknNHHrBzPytzu6CUBP9Lg7fg4KSBjzimc2Frh693YbMiv" };
  const known = await verifyCredential(text, { now, keys: [right] });
  expect([letters(known), certifies(known)]).toEqual(["vvvvv", true]);
  expect(letters(await verifyCredential(text, { now, keys: [wrong] }))).toBe("vvvfv");
});
