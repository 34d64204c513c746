import fc from "fast-check";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createApp } from "../../src/api/app.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { listPlaylists } from "../../src/engine/playlists/read.ts";
import { asOf, deliver, runNight, useCairn, useDistrictFiles } from "../engine/district.ts";

/**
 * Requests drawn from the service's own description, some that fit it, some that nearly do: whatever comes, the answer is one the
 * description promises, and never a fault of our own. CAIRN_API_REQUESTS asks for more of them than a test run has time for.
 */
const REQUESTS = Number(process.env.CAIRN_API_REQUESTS ?? 600);

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const cairn = useCairn();
const files = useDistrictFiles();
let keys: string[];
let learners: string[];
let description: Description;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  await deliver(cairn(), "north", files());
  await runNight(cairn(), "north", asOf);
  keys = [];
  for (const role of ["operator", "platform", "counselor"] as const) {
    keys.push(await createKey(cairn(), "north", role, "tests"));
  }
  keys.push(await createKey(cairn(), "south", "operator", "tests"), "cairn_nobody");
  learners = [...(await listPlaylists(cairn(), "north")).keys()].slice(0, 3);
  app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  description = (await (await app.request("/openapi.json")).json()) as Description;
});

/** References of the description lead to the schemas they name. */
function resolved(schema: Schema): Schema {
  const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1)! : undefined;
  return name === undefined ? schema : resolved(description.components.schemas[name]!);
}

const nonsense = fc.oneof(
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1e999",
    "\u0000",
    "%00",
    "../..",
    "'; drop table person; --",
    "Ünïcödé 🪨",
    "x".repeat(3000),
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const anyText = () => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...learners) }, nonsense);

/** Values of a JSON schema; about one in ten is something else. */
function valuesOf(given: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const odd = fc.oneof(nonsense, fc.constant(null), fc.double(), fc.constant([]), fc.constant({}));
  return fc.oneof({ weight: 12, arbitrary: fitting(schema) }, { weight: 1, arbitrary: odd });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  const parts = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (parts !== undefined) return fc.oneof(...parts.map(valuesOf));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if ("const" in schema) return fc.constant(schema.const);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>);
    const requiredKeys = (schema.required ?? []) as string[];
    const model = Object.fromEntries(properties.map(([name, property]) => [name, valuesOf(property)]));
    return fc.record(model, { requiredKeys: requiredKeys.filter((name) => name in model) });
  }
  if (type === "array") {
    const least = Number(schema.minItems ?? 0);
    return fc.array(valuesOf((schema.items ?? {}) as Schema), { minLength: least, maxLength: least + 3 });
  }
  if (type === "integer" || type === "number") {
    const min = Math.max(Number(schema.minimum ?? -1000), -1e6);
    const max = Math.min(Number(schema.maximum ?? 1000), 1e6);
    return type === "integer" ? fc.integer({ min: Math.ceil(min), max }) : fc.double({ min, max, noNaN: true });
  }
  if (type === "boolean") return fc.boolean();
  if (schema.format === "date") return fc.constantFrom(asOf, "2024-02-29", "9999-12-31", "0001-01-01", "2025-02-30");
  return anyText();
}

interface Drawn {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A request of some route: path, query, headers and body from its description. */
function requests(): fc.Arbitrary<Drawn> {
  // Jobs need a queue, which this app was not given: it would rightly answer 503.
  const paths = Object.entries(description.paths).filter(([path]) => !path.startsWith("/v1/jobs"));
  const routes = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return fc.constantFrom(...routes).chain(({ path, method, operation }) => {
    const named = (place: string) => (operation.parameters ?? []).filter((parameter) => parameter.in === place);
    const texts = (place: string, requiredKeys: string[]) =>
      fc.record(Object.fromEntries(named(place).map(({ name, schema }) => [name, valuesOf(schema)])), { requiredKeys });
    const schema = operation.requestBody?.content["application/json"]?.schema;
    const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema).map((value) => JSON.stringify(value));
    const broken = fc.constantFrom("", "{", "null", "[[[[", '{"learner":}', "\u0000");
    return fc
      .record({
        parameters: texts(
          "path",
          named("path").map(({ name }) => name),
        ),
        query: texts("query", []),
        key: fc.oneof({ weight: 6, arbitrary: fc.constant(keys[0]!) }, fc.constantFrom(...keys)),
        body: fc.oneof({ weight: 15, arbitrary: body }, broken),
        idempotency: fc.option(fc.constantFrom("0123456789abcdef", "fedcba9876543210", "short")),
        accept: fc.constantFrom("application/json", "text/csv", "*/*", ";;q=,", "text/html;q=0.5"),
        type: fc.oneof({ weight: 15, arbitrary: fc.constant("application/json") }, fc.constant("text/plain")),
      })
      .map(({ parameters, query, key, body: text, idempotency, accept, type }) => {
        const at = (name: string): string => encodeURIComponent(wellFormed(parameters[name]));
        const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => at(name));
        const pairs = Object.entries(query).map(([name, value]) => [name, wellFormed(value)] as [string, string]);
        return {
          method: method.toUpperCase(),
          path,
          url: `${filled}?${new URLSearchParams(pairs)}`,
          key,
          headers: {
            accept,
            ...(method === "post" ? { "content-type": type } : {}),
            ...(idempotency === null ? {} : { "idempotency-key": idempotency }),
          },
          body: method === "post" ? text : undefined,
        };
      });
  });
}

/** Half a surrogate pair has no place in an address. */
const wellFormed = (value: unknown): string => Buffer.from(String(value)).toString();

const checkers = new Map<Schema, z.ZodType>();

/** The schema as the description gives it to strangers, not the one the routes are written with. */
function fits(schema: Schema, value: unknown): string {
  const checker = checkers.get(schema) ?? z.fromJSONSchema({ ...schema } as never);
  checkers.set(schema, checker);
  const outcome = checker.safeParse(value);
  return outcome.success ? "" : z.prettifyError(outcome.error);
}

/** The schema with what it refers to written out, which is how the checker wants it. */
function writtenOut(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(writtenOut);
  if ("$ref" in value) return writtenOut(resolved(value as Schema));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, writtenOut(inner)]));
}
const whole = new Map<Schema, Schema>();
function wholeOf(schema: Schema): Schema {
  const found = whole.get(schema) ?? (writtenOut(schema) as Schema);
  whole.set(schema, found);
  return found;
}

test(
  `${REQUESTS} requests drawn from the description: no fault of our own, no answer off its schema`,
  async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(requests(), async ({ method, path, url, key, headers, body }) => {
        const response = await app.request(url, {
          method,
          headers: { ...headers, authorization: `Bearer ${key}` },
          ...(body === undefined ? {} : { body }),
        });
        const { status } = response;
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(status, `${method} ${url} ${body}`).toBeLessThan(500);
        const { responses } = description.paths[path]![method.toLowerCase()]!;
        const described = responses[String(status)] ?? responses.default;
        const type = response.headers.get("content-type")?.split(";")[0] ?? "";
        if (described?.content === undefined) return expect(await response.text()).toBe("");
        // An address that is no address of the API is answered as such, before any route.
        const schema = described.content[type]?.schema;
        expect(Object.keys(described.content), `${method} ${url} answered ${status} as ${type}`).toContain(type);
        if (!/json$/.test(type)) return;
        expect(fits(wholeOf(schema!), await response.json()), `${method} ${url} ${body}`).toBe("");
      }),
      { numRuns: REQUESTS, endOnFailure: false },
    );
    expect(seen.get(200)).toBeGreaterThan(REQUESTS / 20); // else nothing but refusals was looked at
  },
  60_000 + REQUESTS * 500,
);
