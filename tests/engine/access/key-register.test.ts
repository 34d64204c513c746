import { expect, test } from "vitest";
import { createDistrictKey, listKeys, revokeKey, rotateKey } from "../../../src/engine/access/key-register.ts";
import { authenticate } from "../../../src/engine/access/keys.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { useCairn } from "../district.ts";

const cairn = useCairn();
const refused = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

test("a key that is taken back is refused at once; the list names it by its hash and never shows it", async () => {
  const key = await createDistrictKey(cairn(), "north", "platform", "the reading platform");
  const { credential = "" } = await authenticate(cairn(), key);
  const [entry] = await listKeys(cairn(), "north");
  expect(entry).toMatchObject({ credential, role: "platform", label: "the reading platform", personal: false });
  expect(entry?.revokedAt).toBeNull();
  expect(JSON.stringify(entry)).not.toContain(key.slice("cairn_".length));
  await revokeKey(cairn(), "north", credential);
  expect(await refused(authenticate(cairn(), key))).toBe("UNAUTHENTICATED");
  expect((await listKeys(cairn(), "north"))[0]?.revokedAt).not.toBeNull();
  expect(await refused(revokeKey(cairn(), "north", credential))).toBe("NOT_FOUND");
});

test("a renewed key has the role and label of the old one, which opens nothing any more", async () => {
  const key = await createDistrictKey(cairn(), "south", "operator", "the office");
  const { credential = "" } = await authenticate(cairn(), key);
  const next = await rotateKey(cairn(), "south", credential);
  expect(await authenticate(cairn(), next)).toMatchObject({ tenantId: "south", role: "operator" });
  expect(await refused(authenticate(cairn(), key))).toBe("UNAUTHENTICATED");
  expect((await listKeys(cairn(), "south")).map(({ label }) => label)).toEqual(["the office", "the office"]);
});

test("another district's key is out of reach, and so is one that is named by less than its digits or by a pattern", async () => {
  const key = await createDistrictKey(cairn(), "south", "operator", "theirs");
  const { credential = "" } = await authenticate(cairn(), key);
  for (const named of [credential, "%", credential.slice(0, 4), "_".repeat(16), ""]) {
    expect(await refused(revokeKey(cairn(), "north", named))).toBe("NOT_FOUND");
    expect(await refused(rotateKey(cairn(), "north", named))).toBe("NOT_FOUND");
  }
  expect((await authenticate(cairn(), key)).role).toBe("operator");
  expect(codeOf(() => createDistrictKey(cairn(), "north", "teacher", "nobody's"))).toBe("BAD_INPUT");
});
