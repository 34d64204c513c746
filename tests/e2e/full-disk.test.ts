import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBatch } from "../../jobs/batch.ts";
import { retryJob } from "../../jobs/look.ts";
import type { QueueHome } from "../../jobs/queue.ts";
import { openQueue } from "../../jobs/queue.ts";
import { silent } from "../../src/engine/progress.ts";
import { inTenant } from "../../src/records/database.ts";
import { asOf, forgetDerived, rowsOf, tenantId, useInstallation } from "../jobs/installation.ts";

const cairn = useInstallation();
const quiet = { onProgress: silent, signal: new AbortController().signal };

const mount = (folder: string, size: string): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0755`, "tmpfs", folder]).status === 0;
const unmount = (folder: string): boolean => spawnSync("umount", [folder]).status === 0;

/** Whether this process may mount a file system of a fixed size: only such a disk can truly be full. */
const mayMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-disk-"));
  try {
    return mount(folder, "16k") && unmount(folder);
  } finally {
    rmdirSync(folder);
  }
})();

test.skipIf(!mayMount)(
  "the disk of the artifacts is full (needs the right to mount): the batch fails with words, and retried with room ends as if nothing had been",
  async () => {
    const home: QueueHome = { backend: "postgres", url: cairn().databaseUrl };
    const payload = { tenantId, asOf };
    const whole = await runBatch(cairn(), home, payload, quiet);
    const rows = await rowsOf(cairn(), whole.runId);
    expect(rows.length).toBeGreaterThan(100);
    await forgetDerived(cairn());

    const { artifacts } = cairn().folders;
    expect(mount(artifacts, "4k")).toBe(true);
    try {
      await expect(runBatch(cairn(), home, payload, quiet)).rejects.toThrow(/ENOSPC|no space/i);
      // No half of a file stays on a full disk, and no score of a run that was never published.
      expect((await readdir(artifacts)).filter((name) => name.endsWith(".part"))).toEqual([]);
      expect(await scores()).toEqual({ rows: 0, learners: 0 });
    } finally {
      expect(unmount(artifacts)).toBe(true);
    }

    const client = await openQueue(home);
    try {
      const failed = await client.queue.getJobs(["failed"]);
      expect(failed.length).toBeGreaterThan(0);
      await retryJob(client, failed[0]!.id!);
    } finally {
      await client.close();
    }
    expect((await runBatch(cairn(), home, payload, quiet)).runId).toBe(whole.runId);
    expect(await rowsOf(cairn(), whole.runId)).toEqual(rows);
    const landed = await scores();
    expect(landed.rows).toBeGreaterThan(0);
    expect(landed.learners).toBe(landed.rows);
  },
  180_000,
);

async function scores(): Promise<{ rows: number; learners: number }> {
  const [counted] = await inTenant(
    cairn().database,
    tenantId,
    ({ sql }) => sql<{ rows: number; learners: number }[]>`
      select count(*)::int as rows, count(distinct pseudonym)::int as learners from risk_score`,
  );
  return { ...counted! };
}
