import type { Client, ClientPathsWithMethod, FetchResponse, MaybeOptionalInit, Middleware } from "openapi-fetch";
import openapiFetch from "openapi-fetch";
import type { paths } from "./openapi.generated.ts";
import { CairnProblem, problemOf } from "./problem.ts";

/** Where cairn answers, and as whom to ask. */
export interface ClientOptions {
  /** Such as `https://cairn.example.org`. */
  readonly baseUrl: string;
  /** An API key, or a token of the district's sign-in; a function is asked before every call, so that a token can be renewed. */
  readonly key: string | (() => string | Promise<string>);
  /** What sends the requests, in place of the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

type Method = "get" | "post";
type PathOf<M extends Method> = ClientPathsWithMethod<Client<paths>, M>;
type Call<M extends Method, P extends PathOf<M>> = MaybeOptionalInit<paths[P], M>;

/** What a call that went well answers, by method and path. */
export type AnswerOf<M extends Method, P extends PathOf<M>> = NonNullable<
  FetchResponse<paths[P][M] & Record<string, unknown>, Record<never, never>, "application/json">["data"]
>;

/** `init` may be left out where the route requires nothing. */
type Init<I> = undefined extends I ? [init?: I] : [init: I];

/**
 * The routes of cairn as the service describes them: paths, parameters, bodies and answers are checked by the compiler. A call gives
 * the answer's body or throws {@link CairnProblem}, never both and never neither.
 */
export interface CairnClient {
  /** Reads; sent again it changes nothing. */
  get<P extends PathOf<"get">>(path: P, ...init: Init<Call<"get", P>>): Promise<AnswerOf<"get", P>>;
  /** Records or decides something. */
  post<P extends PathOf<"post">>(path: P, ...init: Init<Call<"post", P>>): Promise<AnswerOf<"post", P>>;
  /** The openapi-fetch client below, for an answer's headers or a body that is not JSON; it too throws {@link CairnProblem}. */
  readonly http: Client<paths>;
}

/**
 * A client of one service, for one caller. It keeps nothing and tries nothing twice: what may be sent again is the caller's to know.
 *
 * @example
 * const cairn = createClient({ baseUrl: "http://127.0.0.1:4280", key });
 * const { entries } = await cairn.get("/v1/rankings", { params: { query: { limit: 10 } } });
 */
export function createClient({ baseUrl, key, fetch }: ClientOptions): CairnClient {
  const http = openapiFetch<paths>({ baseUrl, ...(fetch === undefined ? {} : { fetch }) });
  http.use(asCaller(key));
  return {
    // The compiler does not follow a path through both signatures; what callers see is checked in tests/client.
    get: (path, ...init) => bodyOf(http.GET(path, ...(init as never))),
    post: (path, ...init) => bodyOf(http.POST(path, ...(init as never))),
    http,
  };
}

function asCaller(key: ClientOptions["key"]): Middleware {
  return {
    async onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${typeof key === "string" ? key : await key()}`);
      return request;
    },
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response);
    },
    onError({ error }) {
      return new CairnProblem("UNREACHABLE", "expected an answer, got none", {
        status: 0,
        hint: "check the address and that the service runs: GET /health needs no key",
        cause: error,
      });
    },
  };
}

async function bodyOf<T>(call: Promise<{ data?: unknown; response: Response }>): Promise<T> {
  const { data, response } = await call.catch((cause: unknown) => {
    // The status was good and the body is not JSON, or its end never came.
    if (cause instanceof SyntaxError) throw unreadable("another text", { status: 200, cause });
    throw cause;
  });
  if (data === undefined) throw unreadable("none", { status: response.status });
  return data as T;
}

function unreadable(got: string, about: { status: number; cause?: unknown }): CairnProblem {
  return new CairnProblem("UNREADABLE_ANSWER", `expected a body of JSON, got ${got}`, {
    ...about,
    hint: "check that the address is cairn's own: a proxy may have answered",
  });
}
