import type { FlowJob, Processor } from "bullmq";
import { createPostgresBackend, FlowProducer, Queue, Worker } from "bullmq";
import { BullMQOtel } from "bullmq-otel";

/** The one queue of cairn's work. */
export const queueName = "cairn";

/** Where the queue lives: the same PostgreSQL as the records, or Redis when many machines share the work. */
export type QueueHome =
  | { readonly backend: "postgres"; readonly url: string }
  | { readonly backend: "redis"; readonly url: string };

/** The queue, and the way to add a tree of jobs; both on one backend. */
export interface QueueClient {
  readonly queue: Queue;
  addFlow(flow: FlowJob): Promise<void>;
  close(): Promise<void>;
}

/**
 * Seconds a worker may be silent before its job is given to another. A partition is scored in seconds, but training may hold the
 * event loop for a while: longer than BullMQ's 30 s.
 */
export const LOCK_SECONDS = 120;

const MOST_STALL_LOOKS_MILLISECONDS = 30_000;

// A worker that is killed leaves its job stalled; the job is idempotent, so it may be taken up again many times. BullMQ's
// default gives up after the second kill.
const MOST_STALLS = 100;

const redisConnection = (url: string) => ({ url, maxRetriesPerRequest: null });
// BullMQ keeps its tables in a schema of its own, apart from the learner record.
const postgresConnection = (url: string) => ({ connectionString: url, migrate: true, schema: "bullmq" });

// Spans of jobs are children of what asked for them, a request or another job: an adding process leaves its trace with the job.
const telemetry = new BullMQOtel({ tracerName: "cairn" });

/** Opens the queue for adding and watching jobs. */
export async function openQueue(home: QueueHome): Promise<QueueClient> {
  const { queue, flows } = home.backend === "redis" ? redisClient(home.url) : postgresClient(home.url);
  // A lost connection is made again by itself, and a call that cannot be answered says so to its caller. Without a listener
  // BullMQ would print the error, connection and all.
  queue.on("error", () => undefined);
  flows.on("error", () => undefined);
  await queue.waitUntilReady();
  return {
    queue,
    addFlow: async (flow) => {
      await flows.add(flow);
    },
    close: async () => {
      await Promise.all([flows.close(), queue.close()]);
    },
  };
}

interface Parts {
  queue: Queue;
  flows: {
    add(flow: FlowJob): Promise<unknown>;
    on(event: "error", listener: () => void): unknown;
    close(): Promise<void>;
  };
}

function redisClient(url: string): Parts {
  const connection = redisConnection(url);
  return {
    queue: new Queue(queueName, { connection, telemetry }),
    flows: new FlowProducer({ connection, telemetry }),
  };
}

// BullMQ types a queue by its backend; what we use of it is the same on both, which the end-to-end tests prove.
function postgresClient(url: string): Parts {
  const connection = postgresConnection(url);
  return {
    queue: new Queue(queueName, { connection, telemetry }, createPostgresBackend) as unknown as Queue,
    flows: new FlowProducer({ connection, telemetry }, createPostgresBackend),
  };
}

/**
 * Takes jobs from the queue, `concurrency` at a time, until closed.
 * @param lockSeconds - how long the job of a worker that was killed waits for another; one that is only slow for as long may be
 * done twice, which leaves the same rows
 */
export function openWorker(
  home: QueueHome,
  processor: Processor,
  concurrency: number,
  lockSeconds: number = LOCK_SECONDS,
): Worker {
  const lockDuration = lockSeconds * 1000;
  const stalledInterval = Math.min(lockDuration, MOST_STALL_LOOKS_MILLISECONDS);
  const options = { concurrency, lockDuration, stalledInterval, maxStalledCount: MOST_STALLS, telemetry };
  if (home.backend === "redis")
    return new Worker(queueName, processor, { ...options, connection: redisConnection(home.url) });
  const connection = postgresConnection(home.url);
  return new Worker(queueName, processor, { ...options, connection }, createPostgresBackend) as unknown as Worker;
}
