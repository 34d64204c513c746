import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DistrictOptions, DistrictSummary } from "../../../datasets/synthetic/district.ts";
import { temporaryFolder } from "./read-district.ts";

const program = resolve("dist/datasets/synthetic/district.js");
const built = existsSync(program) && existsSync(resolve("dist/datasets/synthetic/district-worker.js"));
let place: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  place = await temporaryFolder();
});
afterAll(() => place.remove());

type Compiled = { writeDistrict(options: DistrictOptions): Promise<DistrictSummary> };

// Threads run the compiled program: Node cannot start a worker from TypeScript in every version we support.
test.skipIf(!built)(
  `two groups of schools written by one thread and by two: the same bytes${built ? "" : " (skipped: npm run build)"}`,
  async () => {
    const { writeDistrict } = (await import(pathToFileURL(program).href)) as Compiled;
    const found: { hashes: string[]; years: unknown }[] = [];
    for (const threads of [1, 2]) {
      const folder = join(place.folder, String(threads));
      const movers = { seed: "m", learners: 2 };
      const { files, years } = await writeDistrict({ folder, students: 1200, seed: "threads", threads, movers });
      const names = [
        ...files.map(({ file }) => file).filter((file) => !file.startsWith("oneroster/")),
        "oneroster.zip",
      ];
      const hashes = names.map(async (name) => {
        const bytes = await readFile(join(folder, name));
        return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
      });
      found.push({ hashes: await Promise.all(hashes), years });
    }
    expect(found[1]).toEqual(found[0]);
  },
  180_000, // two districts of 1,200 learners: about eight seconds on an idle machine
);

test.skipIf(!built)("a request to stop ends the threads as well", async () => {
  const { writeDistrict } = (await import(pathToFileURL(program).href)) as Compiled;
  const folder = join(place.folder, "stopped");
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const writing = writeDistrict({ folder, students: 1200, seed: 1, threads: 2, onProgress, signal: stop.signal });
  await expect(writing).rejects.toMatchObject({ code: "CANCELLED" });
  expect(existsSync(join(folder, ".oneroster-partial"))).toBe(false);
});
