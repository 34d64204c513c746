import type { QueueHome } from "../../jobs/queue.ts";
import type { Configuration } from "../configuration.ts";
import type { Cairn } from "../engine/runtime.ts";

/** Where the queue of this installation lives: Redis when there is one, else beside the records. */
export function queueHome(configuration: Configuration, cairn: Cairn): QueueHome {
  return configuration.redisUrl === undefined
    ? { backend: "postgres", url: cairn.databaseUrl }
    : { backend: "redis", url: configuration.redisUrl };
}
