import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readArtifact, writeArtifact } from "../../../src/engine/registry/artifact-store.ts";
import type { S3Settings } from "../../../src/records/store/s3.ts";
import { openS3 } from "../../../src/records/store/s3.ts";
import { bringFile, dropFile, isWithdrawn, shareFile, shareFolder } from "../../../src/records/store/shared.ts";
import type { S3Server } from "../../support/s3-server.ts";
import { startS3 } from "../../support/s3-server.ts";

let server: S3Server;
let homes: string[];
let undo: (() => void)[];

beforeEach(async () => {
  server = await startS3();
  homes = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), "cairn-store-"))));
  undo = homes.map((home) => shareFolder(home, openS3(settings())));
});
afterEach(async () => {
  for (const takeBack of undo) takeBack();
  await server.stop();
  for (const home of homes) await rm(home, { recursive: true, force: true });
});

const settings = (changes: Partial<S3Settings> = {}): S3Settings => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = server;
  return { endpoint, bucket, region, accessKeyId, secretAccessKey, prefix: "district/one", ...changes };
};
const at = (home: number, name: string): string => join(homes[home]!, name);
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as { code: string; message: string; hint: string },
  );

test("what one home writes another reads, byte for byte, under the prefix; sent once, brought once", async () => {
  const bytes = Buffer.alloc(3_000_000, "cairn");
  for (const name of ["a b+c.bin", "deep/er/ü.bin"]) {
    await mkdir(at(0, "deep/er"), { recursive: true });
    await writeFile(at(0, name), bytes);
    await shareFile(at(0, name));
    await shareFile(at(0, name));
    await bringFile(at(1, name));
    await bringFile(at(1, name));
    expect((await readFile(at(1, name))).equals(bytes)).toBe(true);
    const key = `district/one/${name}`;
    expect(server.objects.get(key)?.body.equals(bytes)).toBe(true);
    expect(server.asked.filter((one) => one === `PUT ${key}`)).toHaveLength(1);
    expect(server.asked.filter((one) => one === `GET ${key}`)).toHaveLength(1);
  }
  await bringFile(at(1, "nowhere.bin"));
  expect(await readdir(homes[1]!)).not.toContain("nowhere.bin");
});

test("what is taken out of the store is out for everybody; outside the folders nothing is asked", async () => {
  await writeFile(at(0, "file"), "text");
  await shareFile(at(0, "file"));
  await bringFile(at(1, "file"));
  expect(await isWithdrawn(at(1, "file"))).toBe(false);
  await dropFile(at(0, "file"));
  expect([server.objects.size, await readdir(homes[0]!)]).toEqual([0, []]);
  expect(await isWithdrawn(at(1, "file"))).toBe(true);
  const asked = server.asked.length;
  await bringFile(join(tmpdir(), "elsewhere"));
  await shareFile(join(homes[0]!, "..", "elsewhere"));
  expect(await isWithdrawn(homes[0]!)).toBe(false);
  expect(server.asked.length).toBe(asked);
});

test("a transfer that breaks, and bytes that changed on the way, leave no file behind", async () => {
  await writeFile(at(0, "file"), Buffer.alloc(2_000_000, 7));
  await shareFile(at(0, "file"));
  server.breakNextRead = true;
  expect(await refusal(bringFile(at(1, "file")))).toMatchObject({ code: "UNAVAILABLE" });
  expect(await readdir(homes[1]!)).toEqual([]);
  server.objects.get("district/one/file")!.body[1_000_000]! ^= 1;
  expect(await refusal(bringFile(at(1, "file")))).toMatchObject({ code: "ARTIFACT_CORRUPT" });
  expect(await readdir(homes[1]!)).toEqual([]);
});

test("no bucket, a wrong key, another region, no room, nobody there: each in its words, and no secret in any", async () => {
  const file = at(0, "file");
  await writeFile(file, "text");
  const cases: [Partial<S3Settings>, string, RegExp, RegExp][] = [
    [{ bucket: "elsewhere" }, "BAD_CONFIGURATION", /bucket elsewhere/, /CAIRN_STORE/],
    [{ accessKeyId: "AKIAOTHER" }, "BAD_CONFIGURATION", /InvalidAccessKeyId/, /CAIRN_STORE_ACCESS_KEY_ID/],
    [{ secretAccessKey: "not it" }, "BAD_CONFIGURATION", /SignatureDoesNotMatch/, /CAIRN_STORE_SECRET_ACCESS_KEY/],
    [{ region: "us-east-1" }, "BAD_CONFIGURATION", /region/, /CAIRN_STORE_REGION/],
    [{ endpoint: "http://127.0.0.1:1" }, "UNAVAILABLE", /answer/, /CAIRN_STORE_ENDPOINT/],
  ];
  for (const [changes, code, message, hint] of cases) {
    const error = await refusal(openS3(settings(changes)).check());
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
    expect(JSON.stringify([error?.message, error?.hint])).not.toContain(server.secretAccessKey);
  }
  await openS3(settings()).check();
  for (const refused of [
    { status: 507, code: "InsufficientStorage" },
    { status: 403, code: "QuotaExceeded" },
  ]) {
    server.refuseWith = refused;
    expect(await refusal(shareFile(file))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("room"),
    });
    expect(server.objects.size).toBe(0);
  }
  server.refuseWith = { status: 403, code: "AccessDenied" };
  expect(await refusal(shareFile(file))).toMatchObject({ code: "BAD_CONFIGURATION" });
  server.refuseWith = { status: 503, code: "SlowDown" };
  expect(await refusal(shareFile(file))).toMatchObject({ code: "UNAVAILABLE" });
});

test("an artifact is read from the store where the copy is missing or damaged, and refused where the store's is", async () => {
  const id = "0123456789abcdef0123456789abcdef";
  const tensors = { metadata: { kind: "test" }, arrays: { weights: new Float64Array([1, 2, 3]) } };
  await writeArtifact(homes[0]!, id, tensors);
  expect(await readArtifact(homes[1]!, id)).toEqual(tensors);
  const copy = at(1, `${id}.safetensors`);
  const bytes = await readFile(copy);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(copy, bytes);
  expect(await readArtifact(homes[1]!, id)).toEqual(tensors);
  // Damaged where it lies: the hash it was sent with tells.
  server.objects.get(`district/one/${id}.safetensors`)!.body[9]! ^= 1;
  await rm(copy);
  expect(await refusal(readArtifact(homes[1]!, id))).toMatchObject({ code: "ARTIFACT_CORRUPT" });
  server.objects.clear();
  expect(await refusal(readArtifact(homes[1]!, id))).toMatchObject({ code: "NOT_FOUND" });
});
