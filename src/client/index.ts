/**
 * The typed client of cairn's HTTP service: what other programs import. It needs nothing of the engine, and runs wherever `fetch` does.
 *
 * @packageDocumentation
 */
export type { AnswerOf, CairnClient, ClientOptions } from "./client.ts";
export { createClient } from "./client.ts";
export type { components, paths } from "./openapi.generated.ts";
export type { Problem, ProblemCode } from "./problem.ts";
export { CairnProblem, problemCodes } from "./problem.ts";
