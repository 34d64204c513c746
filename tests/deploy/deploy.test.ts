import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { measureJobs } from "../../jobs/metrics.ts";
import { openQueue, openWorker, type QueueHome } from "../../jobs/queue.ts";
import { createMetrics } from "../../src/api/metrics.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { useInstallation } from "../jobs/installation.ts";

const cairn = useInstallation();
const read = (path: string): string => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

test("every measure the dashboard asks for is one a worker gives, under that name", async () => {
  const home: QueueHome = { backend: "postgres", url: cairn().databaseUrl };
  const client = await openQueue(home);
  const worker = openWorker(home, async () => undefined, 1);
  worker.on("error", () => undefined);
  try {
    const { register } = createMetrics("0123456789abcdef");
    measureJobs(worker, client, register);
    const given = new Set((await register.getMetricsAsJSON()).map(({ name }) => name));
    const { panels } = JSON.parse(read("grafana/cairn.json")) as Dashboard;
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => measuresOf(expr)));
    expect(asked.length).toBeGreaterThanOrEqual(panels.length);
    for (const name of asked) expect(given, name).toContain(name);
  } finally {
    await worker.close();
    await client.close();
  }
});

/** Names of measures in a query; a histogram's parts are the histogram. */
function measuresOf(expression: string): string[] {
  const names = expression.match(/\b(?:cairn|process|nodejs)_\w+/g) ?? [];
  return names.map((name) => (name.startsWith("cairn_") ? name.replace(/_(?:bucket|count|sum)$/, "") : name));
}

test("what compose.yaml sets is what cairn reads, and its passwords are nobody's default", () => {
  const { services } = parse(read("compose.yaml"), { merge: true }) as { services: Readonly<Record<string, Service>> };
  for (const name of ["migrate", "serve", "worker"]) {
    const { environment = {} } = services[name]!;
    const set = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, value.replaceAll(/\$\{(\w+)[^}]*\}/g, "x".repeat(16))]),
    );
    const configuration = readConfiguration(set);
    expect(configuration.databaseUrl).toContain("@postgres:5432/cairn");
    expect(configuration.redisUrl).toBe("redis://redis:6379");
    expect(set.CAIRN_METRICS_KEY).toHaveLength(16);
  }
  expect(read("compose.yaml").match(/\$\{(?:POSTGRES_PASSWORD|CAIRN_METRICS_KEY):-/g)).toBeNull();
});
