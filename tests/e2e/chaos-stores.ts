import { spawn, spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { eventually, serverPid } from "./cairn-process.ts";

/** A Redis of the test's own that keeps what it was told, so that it may be restarted. */
export interface OwnRedis {
  readonly url: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const program = "redis-server"; // of the machine: no package brings it

/** Whether a Redis can be started here. */
export const hasRedisServer = spawnSync(program, ["--version"]).status === 0;

/** Starts a Redis that writes every command to its log before it answers. */
export async function startRedis(folder: string): Promise<OwnRedis> {
  const port = await freePort();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const start = async () => {
    const child = spawn(program, [...settings, "--appendonly", "yes", "--appendfsync", "always"], {
      stdio: "ignore",
    });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    await eventually("the Redis", () => answers(port));
    return { child, ended };
  };
  let server = await start();
  const kill = async () => {
    server.child.kill("SIGKILL");
    await server.ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async () => {
      await kill();
      server = await start();
    },
    stop: kill,
  };
}

async function answers(port: number): Promise<true | undefined> {
  const redis = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === "PONG" ? true : undefined;
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Crashes the PostgreSQL of a home: one of its processes is killed, so it ends every connection and starts over from its log, at
 * the same port.
 */
export async function crashPostgres(home: string): Promise<void> {
  const server = await serverPid(home);
  if (server === undefined) throw new Error("expected a running PostgreSQL");
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (!new RegExp(`^PPid:\\s+${server}$`, "m").test(status) || !/^postgres: cairn /.test(command)) continue;
    process.kill(Number(name), "SIGKILL");
    return;
  }
  throw new Error("expected a connection to kill");
}
