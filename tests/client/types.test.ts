import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { pino } from "pino";
import { expect, expectTypeOf, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { AnswerOf, CairnClient } from "../../src/client/index.ts";
import { problemCodes } from "../../src/client/index.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { httpStatus } from "../../src/errors.ts";
import { useCairn } from "../engine/district.ts";

const cairn = useCairn();

/** The script's answer to a description: the text of the types. */
function typesOf(description: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ["scripts/generate-client-types.mjs", "-"];
    const script = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
    script.stdin!.end(description);
  });
}

test("the client's types are those of the service as it is now: else build and run scripts/generate-client-types.mjs", async () => {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const generated = await typesOf(await (await app.request("/openapi.json")).text());
  const checkedIn = await readFile("src/client/openapi.generated.ts", "utf8");
  const stale = generated.split("\n").find((line, index) => checkedIn.split("\n")[index] !== line);
  expect(stale, "the first line that is not as generated").toBeUndefined();
  expect(checkedIn).toHaveLength(generated.length);
});

test("the compiler knows paths, parameters, bodies and answers", () => {
  expectTypeOf<AnswerOf<"get", "/v1/rankings">["entries"][number]["probability"]>().toEqualTypeOf<number | null>();
  expectTypeOf<AnswerOf<"post", "/v1/interventions">["stored"]>().toEqualTypeOf<number>();
  const wrong = (client: CairnClient) => [
    // @ts-expect-error no such route
    client.get("/v1/nowhere"),
    // @ts-expect-error a path of POST alone
    client.get("/v1/responses"),
    // @ts-expect-error whose standards is not said
    client.get("/v1/learners/{learner}/standards"),
    // @ts-expect-error a number is meant
    client.get("/v1/rankings", { params: { query: { limit: "ten" } } }),
    // @ts-expect-error a body is required
    client.post("/v1/responses"),
  ];
  expect(wrong).toBeTypeOf("function");
});

/** What leaves the service as it is: faults of cairn's own and services away have a code for all (src/api/problem.ts). */
test("every code the service can say is a code of the client", () => {
  const codes: Readonly<Record<ErrorCode, true>> = {
    BAD_INPUT: true,
    BAD_CONFIGURATION: true,
    SHAPE_MISMATCH: true,
    NOT_FINITE: true,
    SINGLE_CLASS: true,
    NOT_CONVERGED: true,
    SINGULAR: true,
    UNKNOWN_FEATURE: true,
    NOT_FOUND: true,
    CONFLICT: true,
    UNAUTHENTICATED: true,
    FORBIDDEN: true,
    UNREADABLE_FILE: true,
    ARTIFACT_CORRUPT: true,
    UNAVAILABLE: true,
    CANCELLED: true,
    INTERNAL: true,
  };
  const said = (Object.keys(codes) as ErrorCode[]).filter((code) => httpStatus(code) < 500);
  expect(problemCodes).toEqual(
    expect.arrayContaining([...said, "TOO_MANY_REQUESTS", "TIMED_OUT", "UNAVAILABLE", "INTERNAL"]),
  );
});
