import type { Job, Worker } from "bullmq";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { JobName } from "./payloads.ts";
import { payloads } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";

const BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600];
const STATES = ["waiting", "prioritized", "delayed", "active", "waiting-children", "failed"] as const;

/**
 * What a worker tells Prometheus: how long jobs took by kind and end, how often one stalled, and what the queue holds at the moment
 * of asking. Labels are kinds and states: of no learner, no district, no job.
 * @param register - where the measures are added
 */
export function measureJobs(worker: Worker, { queue }: QueueClient, register: Registry): void {
  const duration = new Histogram({
    name: "cairn_job_duration_seconds",
    help: "From a job's beginning to its end, by its kind",
    labelNames: ["job", "end"],
    buckets: BUCKETS_SECONDS,
    registers: [register],
  });
  const stalled = new Counter({
    name: "cairn_jobs_stalled_total",
    help: "Jobs taken over from a worker that had been silent for too long",
    registers: [register],
  });
  new Gauge({
    name: "cairn_queue_jobs",
    help: "Jobs of all districts, by their state",
    labelNames: ["state"],
    registers: [register],
    async collect() {
      const counts = await queue.getJobCounts(...STATES);
      for (const state of STATES) this.set({ state }, counts[state] ?? 0);
    },
  });
  const ended = (job: Job | undefined, end: "completed" | "failed"): void => {
    if (job?.processedOn === undefined) return;
    duration.observe({ job: kindOf(job.name), end }, ((job.finishedOn ?? Date.now()) - job.processedOn) / 1000);
  };
  worker.on("completed", (job) => ended(job, "completed"));
  worker.on("failed", (job) => ended(job, "failed"));
  worker.on("stalled", () => stalled.inc());
}

/** A queue can hold jobs of another version, with names without end. */
function kindOf(name: string): JobName | "other" {
  return Object.hasOwn(payloads, name) ? (name as JobName) : "other";
}
