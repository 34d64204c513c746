import { Redis } from "ioredis";
import postgres from "postgres";
import type { QueueHome } from "../../jobs/queue.ts";

/** Everything the queue's store holds, as one text: what somebody sees who gets hold of it. */
export function storedIn(home: QueueHome): Promise<string> {
  return home.backend === "redis" ? storedInRedis(home.url) : storedInPostgres(home.url);
}

async function storedInPostgres(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'bullmq'`;
    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await sql<{ line: string }[]>`select to_jsonb(t)::text as line from ${sql(`bullmq.${name}`)} t`;
      rows.push(...found.map(({ line }) => line));
    }
    return rows.join("\n");
  } finally {
    await sql.end();
  }
}

async function storedInRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const rows: unknown[] = [];
    for (const key of await redis.keys("*")) rows.push([key, await contentOf(redis, key)]);
    return JSON.stringify(rows, null, 1);
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash":
      return redis.hgetall(key);
    case "list":
      return redis.lrange(key, 0, -1);
    case "set":
      return redis.smembers(key);
    case "zset":
      return redis.zrange(key, "0", "-1");
    case "stream":
      return redis.xrange(key, "-", "+");
    default:
      return redis.get(key);
  }
}

/**
 * A file's own database of a Redis, emptied: nobody else's jobs are worked on, and none of ours stay. Test files run side
 * by side, so each names another database (0 to 15).
 */
export async function emptyRedis(url: string, database: number): Promise<QueueHome> {
  const own = new URL(url);
  own.pathname = `/${database}`;
  const redis = new Redis(own.toString());
  await redis.flushdb();
  redis.disconnect();
  return { backend: "redis", url: own.toString() };
}
