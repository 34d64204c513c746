import { serve } from "@hono/node-server";
import type { Command } from "commander";
import { Option } from "commander";
import { Hono } from "hono";
import { pino } from "pino";
import { createProcessor } from "../../../jobs/handlers.ts";
import { measureJobs } from "../../../jobs/metrics.ts";
import { LOCK_SECONDS, openQueue, openWorker } from "../../../jobs/queue.ts";
import type { Metrics } from "../../api/metrics.ts";
import { createMetrics } from "../../api/metrics.ts";
import { problemResponse } from "../../api/problem.ts";
import { readServiceSettings } from "../../api/settings.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { parseCount } from "../options.ts";
import { queueHome } from "../queue-home.ts";

interface Options {
  readonly concurrency: number;
  readonly lock: number;
  readonly metricsPort?: number;
  readonly metricsKey?: string;
}

/** `cairn worker`: takes jobs from the queue until told to stop; what it has begun it ends. */
export function registerWorker(program: Command): void {
  program
    .command("worker")
    .description("take jobs from the queue; any number of them, on any number of machines that share CAIRN_HOME")
    .option("--concurrency <n>", "jobs at a time", parseCount, 1)
    .option("--lock <seconds>", "silence after which another worker takes a job over", parseCount, LOCK_SECONDS)
    .option(
      "--metrics-port <n>",
      "answers /metrics there, on CAIRN_HOST, to the bearer of CAIRN_METRICS_KEY",
      parseCount,
    )
    .addOption(new Option("--metrics-key <key>", "of /metrics; best set in the environment").env("CAIRN_METRICS_KEY"))
    .action(async ({ concurrency, lock, metricsPort, metricsKey }: Options) => {
      const context = createContext({ json: false });
      const metrics = metricsPort === undefined ? undefined : metricsOf(metricsKey);
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
        const answering =
          metrics === undefined ? undefined : answerMetrics(metrics, context.configuration.host, metricsPort!);
        if (metrics !== undefined) measureJobs(worker, client, metrics.register);
        log.info({ backend: home.backend, concurrency }, "worker ready");
        await new Promise<void>((resolve) => {
          // Told to stop while it was still starting: there will be no second call.
          if (context.signal.aborted) resolve();
          else context.signal.addEventListener("abort", () => resolve(), { once: true });
        });
        answering?.close();
        await worker.close();
        await client.close();
      });
    });
}

/** @throws CairnError `BAD_CONFIGURATION` without a key: who may read the measures is said, never assumed */
function metricsOf(metricsKey: string | undefined): Metrics {
  const { metricsKey: key } = readServiceSettings({ CAIRN_METRICS_KEY: metricsKey });
  if (key === undefined) {
    throw new CairnError("BAD_CONFIGURATION", "expected a key with --metrics-port, got none", {
      hint: "set CAIRN_METRICS_KEY to 16 characters or more",
    });
  }
  return createMetrics(key);
}

function answerMetrics({ answer }: Metrics, hostname: string, port: number): { close(): unknown } {
  const app = new Hono();
  app.get("/metrics", answer);
  app.onError((error, context) => problemResponse(context, error));
  return serve({ fetch: app.fetch, hostname, port });
}
