import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { authenticate, createKey, hasKey } from "../../../src/engine/access/keys.ts";
import { look, refusal, useCairn } from "../district.ts";

const cairn = useCairn();
const failure = async (key: string) =>
  authenticate(cairn(), key).then(
    () => undefined,
    (error: unknown) => ({ ...(error as object), message: (error as Error).message }),
  );

test("a key names its district and role; of itself only a hash is kept", async () => {
  expect(await hasKey(cairn(), "south")).toBe(false);
  const key = await createKey(cairn(), "south", "platform", "for the tests");
  expect(await hasKey(cairn(), "south")).toBe(true);
  expect(await hasKey(cairn(), "north")).toBe(false);
  expect(await authenticate(cairn(), key)).toEqual({
    tenantId: "south",
    role: "platform",
    credential: createHash("sha256").update(key).digest("hex").slice(0, 16),
  });
  const stored = await look(cairn(), "south", (tx) => tx.sql`select * from api_key`);
  expect(stored).toHaveLength(1);
  expect(JSON.stringify(stored)).not.toContain(key.replace("cairn_", ""));
  expect(stored[0]!.key_hash).toBe(createHash("sha256").update(key).digest("hex"));
  expect(await createKey(cairn(), "south", "platform", "another")).not.toBe(key);
});

test("a revoked, an unknown, a malformed key and one of an unknown role look alike", async () => {
  const revoked = await createKey(cairn(), "north", "operator", "revoked");
  const odd = await createKey(cairn(), "north", "operator", "odd");
  const [hash, oddHash] = [revoked, odd].map((key) => createHash("sha256").update(key).digest("hex"));
  await look(cairn(), "north", (tx) => tx.sql`update api_key set revoked_at = now() where key_hash = ${hash!}`);
  await look(cairn(), "north", (tx) => tx.sql`update api_key set role = 'janitor' where key_hash = ${oddHash!}`);
  const answers = await Promise.all(
    [revoked, odd, `cairn_${"A".repeat(43)}`, "", "x", "' or 1=1 --", hash!].map(failure),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ code: "UNAUTHENTICATED" });
  expect((await refusal(authenticate(cairn(), revoked))).message).not.toContain(revoked);
});
