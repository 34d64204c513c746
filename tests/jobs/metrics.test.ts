import { UnrecoverableError } from "bullmq";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { measureJobs } from "../../jobs/metrics.ts";
import { openQueue, openWorker, type QueueHome } from "../../jobs/queue.ts";
import { useInstallation } from "./installation.ts";

const cairn = useInstallation();

test("a worker counts jobs by kind and end, and what the queue holds; of no district and no job", async () => {
  const home: QueueHome = { backend: "postgres", url: cairn().databaseUrl };
  const client = await openQueue(home);
  const register = new Registry();
  await client.queue.add("score", { tenantId: "north" });
  await client.queue.add("publish", { tenantId: "north" });
  await client.queue.add("of another version", { tenantId: "north" });
  await client.queue.add("score", { tenantId: "north" }, { delay: 3_600_000 });
  const worker = openWorker(
    home,
    async ({ name }) => {
      if (name === "publish") throw new UnrecoverableError("refused");
    },
    1,
  );
  worker.on("error", () => undefined);
  measureJobs(worker, client, register);
  try {
    await expect
      .poll(async () => register.metrics())
      .toContain('cairn_job_duration_seconds_count{job="other",end="completed"} 1');
    const text = await register.metrics();
    expect(text).toContain('cairn_job_duration_seconds_count{job="score",end="completed"} 1');
    expect(text).toContain('cairn_job_duration_seconds_count{job="publish",end="failed"} 1');
    expect(text).toContain('cairn_queue_jobs{state="delayed"} 1');
    expect(text).toContain('cairn_queue_jobs{state="failed"} 1');
    expect(text).not.toContain("north");
    expect(text).not.toContain("another version");
  } finally {
    await worker.close();
    await client.queue.obliterate({ force: true });
    await client.close();
  }
});
