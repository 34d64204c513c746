import type { Command } from "commander";
import { pino } from "pino";
import { createProcessor } from "../../../jobs/handlers.ts";
import { LOCK_SECONDS, openQueue, openWorker } from "../../../jobs/queue.ts";
import { createContext } from "../context.ts";
import { parseCount } from "../options.ts";
import { queueHome } from "../queue-home.ts";

/** `cairn worker`: takes jobs from the queue until told to stop; what it has begun it ends. */
export function registerWorker(program: Command): void {
  program
    .command("worker")
    .description("take jobs from the queue; any number of them, on any number of machines that share CAIRN_HOME")
    .option("--concurrency <n>", "jobs at a time", parseCount, 1)
    .option("--lock <seconds>", "silence after which another worker takes a job over", parseCount, LOCK_SECONDS)
    .action(async ({ concurrency, lock }: { concurrency: number; lock: number }) => {
      const context = createContext({ json: false });
      await context.withCairn(async (cairn) => {
        const log = pino({ level: context.configuration.logLevel }, pino.destination(2));
        const home = queueHome(context.configuration, cairn);
        const client = await openQueue(home);
        const worker = openWorker(home, createProcessor(cairn, client), concurrency, lock);
        worker.on("completed", (job) => log.info({ job: job.id, name: job.name }, "done"));
        worker.on("failed", (job, error) =>
          log.error({ job: job?.id, name: job?.name, error: error.message }, "failed"),
        );
        worker.on("error", (error) => log.error({ error: error.message }, "queue"));
        log.info({ backend: home.backend, concurrency }, "worker ready");
        await new Promise<void>((resolve) => {
          // Told to stop while it was still starting: there will be no second call.
          if (context.signal.aborted) resolve();
          else context.signal.addEventListener("abort", () => resolve(), { once: true });
        });
        await worker.close();
        await client.close();
      });
    });
}
