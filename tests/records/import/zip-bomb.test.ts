import { spawnSync } from "node:child_process";
import { stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { importBackpack } from "../../../src/records/import/backpack/import.ts";
import { importCredentials } from "../../../src/records/import/credentials/import.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, scratchFolder } from "./deliveries.ts";
import { bombBytes, writeGzipBomb, writeStored, writeZipBomb } from "./zip-bomb.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
const limit = 120_000; // milliseconds: ten gigabytes that were unpacked after all would take longer
const mostMegabytes = 400; // above what the process had; the zeros themselves are 10,240
let tenantId: string;
let folder: string;

beforeAll(async () => {
  tenantId = await district(database());
  folder = await scratchFolder();
});

/** Every reader of packages, by the name of the file it would look for inside. */
const readers = {
  "users.csv": (path: string) => importOneRoster(database(), { tenantId, path, receivedAt }),
  "students.jsonl": (path: string) => importEdFi(database(), { tenantId, path, receivedAt }),
  "badge.json": (path: string) => importCredentials(database(), { tenantId, path, receivedAt }),
  "backpack.json": (path: string) =>
    importBackpack(database(), { tenantId, path, receivedAt, keysFolder: join(folder, "keys") }),
  "attendance.csv": (path: string) => importFlat(database(), { tenantId, path, receivedAt, profile: "attendance" }),
} as const;

/** Runs work and expects memory to stay flat while it does. */
async function flat<T>(work: () => Promise<T>): Promise<T> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    peak = Math.max(peak, process.memoryUsage().rss);
    expect((peak - before) / 2 ** 20).toBeLessThan(mostMegabytes);
  }
}

async function nothingOf(reading: Promise<unknown>): Promise<void> {
  const outcome = await reading.then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  );
  // Refused as a whole, or, where a delivery is read file by file, the file is refused and kept.
  if ("error" in outcome)
    expect(outcome.error).toMatchObject({ code: expect.stringMatching(/^(UNREADABLE_FILE|BAD_INPUT)$/) });
  else expect(outcome.report).toMatchObject({ files: [{ new: 0, changed: 0, refused: 1 }] });
  expect(await query(database(), tenantId, "select 1 from person")).toEqual([]);
}

test("the bomb is a zip that other programs know as one", async () => {
  const path = join(folder, "known.zip");
  await writeZipBomb(path, "users.csv");
  expect((await stat(path)).size).toBeLessThan(12 * 2 ** 20);
  const listed = spawnSync("python3", [
    "-c",
    "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.infolist()[0].file_size)",
    path,
  ]);
  if (listed.error === undefined) expect(listed.stdout.toString().trim()).toBe(String(bombBytes));
});

describe.each(Object.entries(readers))("for the reader of %s", (name, read) => {
  test("ten gigabytes of zeros in a zip of ten megabytes are refused, memory flat", { timeout: limit }, async () => {
    const path = join(folder, `honest-${name}.zip`);
    await writeZipBomb(path, name);
    await flat(() => nothingOf(read(path)));
  });

  test("so is one that says it unpacks to 32 megabytes", { timeout: limit }, async () => {
    const path = join(folder, `lying-${name}.zip`);
    await writeZipBomb(path, name, 2 ** 25);
    await flat(() => nothingOf(read(path)));
  });

  test("and one inside another zip, which is not opened", { timeout: limit }, async () => {
    const [inner, path] = [join(folder, "inner.zip"), join(folder, `nested-${name}.zip`)];
    await writeZipBomb(inner, name);
    await writeStored(path, inner, "inner.zip");
    await flat(() => nothingOf(read(path)));
  });
});

test("ten gigabytes in a gzip file, by itself and inside a zip", { timeout: limit }, async () => {
  const path = join(folder, "students.jsonl.gz");
  await writeGzipBomb(path);
  await flat(() => nothingOf(readers["students.jsonl"](path)));
  const packed = join(folder, "students.zip");
  await writeStored(packed, path, "students.jsonl.gz");
  await flat(() => nothingOf(readers["students.jsonl"](packed)));
});

test("a plain file of ten gigabytes where a Backpack should be", { timeout: limit }, async () => {
  const path = join(folder, "backpack.json");
  await writeFile(path, "");
  await truncate(path, bombBytes); // a hole: nothing on the disk
  await flat(() => nothingOf(readers["backpack.json"](path)));
});
