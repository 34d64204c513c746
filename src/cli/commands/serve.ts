import type { ServerType } from "@hono/node-server";
import { serve } from "@hono/node-server";
import type { Command } from "commander";
import { Option } from "commander";
import type { Logger } from "pino";
import { pino } from "pino";
import { openOnDemand } from "../../../jobs/batch-queue.ts";
import { createApp } from "../../api/app.ts";
import { describeFault } from "../../api/log-line.ts";
import { readServiceSettings } from "../../api/settings.ts";
import { forgetAnswers } from "../../engine/access/idempotency.ts";
import type { Role } from "../../engine/access/keys.ts";
import { createKey, hasKey, personalRoles, roles } from "../../engine/access/keys.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import type { Cairn } from "../../engine/runtime.ts";
import { CairnError } from "../../errors.ts";
import { version } from "../../version.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseDay, tenantOption } from "../options.ts";
import { queueHome } from "../queue-home.ts";

const SWEEP_MILLISECONDS = 3600 * 1000;
const GRACE_MILLISECONDS = 2000; // an answer takes a tenth of this

interface Options {
  json?: boolean;
  tenant: string;
  newKey?: Role;
  rateLimit?: string;
  rateBurst?: string;
  timeLimit?: string;
  metricsKey?: string;
  today?: string;
}

/** `cairn serve`: the API over HTTP, until told to stop. */
export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("answer over HTTP: rankings for counselors, playlists for platforms")
    .addOption(tenantOption())
    .addOption(
      new Option("--new-key <role>", "make another API key for the district and print it once").choices(
        roles.filter((role) => !personalRoles.includes(role)), // a person's key is made where the person is named
      ),
    )
    .addOption(new Option("--rate-limit <n>", "requests per second of one key; 0: any (500)").env("CAIRN_RATE_LIMIT"))
    .addOption(
      new Option("--rate-burst <n>", "requests of one key at once after a rest (1000)").env("CAIRN_RATE_BURST"),
    )
    .addOption(new Option("--time-limit <seconds>", "of one request (30)").env("CAIRN_TIME_LIMIT_SECONDS"))
    .addOption(
      new Option("--metrics-key <key>", "opens /metrics; best set in the environment").env("CAIRN_METRICS_KEY"),
    )
    .option("--today <day>", "answer as if it were this day, such as one inside the demo's school year", parseDay)
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const context = createContext({ json: options.json ?? false });
      const settings = readServiceSettings({
        CAIRN_RATE_LIMIT: options.rateLimit,
        CAIRN_RATE_BURST: options.rateBurst,
        CAIRN_TIME_LIMIT_SECONDS: options.timeLimit,
        CAIRN_METRICS_KEY: options.metricsKey,
      });
      const now = options.today === undefined ? undefined : clockFrom(options.today);
      await context.withCairn(async (cairn) => {
        const log = pino({ level: context.configuration.logLevel }, pino.destination(2));
        const tenantId = await requireTenant(cairn, options.tenant);
        const { host, port } = context.configuration;
        const queue = openOnDemand(queueHome(context.configuration, cairn));
        const app = createApp(cairn, { version, log, settings, batches: queue.batches });
        const server = await listening(serve({ fetch: app.fetch, hostname: host, port }), `${host}:${port}`);
        // Only now: a key that is made and then not shown would be nobody's.
        const role = options.newKey ?? ((await hasKey(cairn, tenantId)) ? undefined : "operator");
        const key = role === undefined ? undefined : await createKey(cairn, tenantId, role, "made by cairn serve");
        const address = server.address();
        const url = `http://${host}:${typeof address === "object" && address !== null ? address.port : port}`;
        context.say(`cairn answers at ${url} (the API is described at ${url}/openapi.json)`);
        if (options.today !== undefined)
          context.say(`cairn's clock: it is ${options.today}, whatever day it really is`);
        if (key !== undefined) {
          context.say(`A new key of role ${role}, shown this once: ${key}`);
          context.say(`  curl -H "Authorization: Bearer ${key}" "${url}/v1/rankings?limit=5"`);
        }
        context.answer({ url, key: key ?? null });
        const sweeping = sweepHourly(cairn, log);
        await untilAborted(context.signal);
        clearInterval(sweeping);
        await stopServing(server);
        await queue.close();
      }, now);
    });
}

/** A clock that runs on from noon (UTC) of a day, so that a district whose year is over can be tried. */
function clockFrom(day: string): () => Date {
  const behind = Date.now() - Date.parse(`${day}T12:00:00Z`);
  return () => new Date(Date.now() - behind);
}

/** @throws CairnError `UNAVAILABLE` when the address cannot be listened on */
function listening(server: ServerType, address: string): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    server.once("listening", () => resolve(server));
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const words = `expected to listen on ${address}, got ${cause.code ?? "a refusal"}`;
      const hint = "another process may answer there: set CAIRN_PORT to a free port, or to 0 for any";
      reject(new CairnError("UNAVAILABLE", words, { hint, cause }));
    });
  });
}

/** Takes no more requests, ends those under way, and does not wait for clients that only hold a connection open. */
async function stopServing(server: ServerType): Promise<void> {
  const patience = setTimeout(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
  }, GRACE_MILLISECONDS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(patience);
}

/** Answers kept for requests that may be sent again go after a day, also in a district that has stopped sending. */
function sweepHourly(cairn: Cairn, log: Logger): NodeJS.Timeout {
  const sweep = (): void => {
    forgetAnswers(cairn).catch((error: unknown) => log.error(describeFault(error), "answers could not be swept"));
  };
  sweep();
  return setInterval(sweep, SWEEP_MILLISECONDS);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
