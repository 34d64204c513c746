import { CairnError } from "../../errors.ts";

/** What a form may carry as a header instead (1.0.3 part three, 1.3). */
const headers = [
  "authorization",
  "x-experience-api-version",
  "content-type",
  "if-match",
  "if-none-match",
  "accept-language",
];
const methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/** Whether a request uses the alternate syntax of 1.0.3: a POST that names another method in its address. */
export function isAlternate(request: Request): boolean {
  return request.method === "POST" && new URL(request.url).searchParams.has("method");
}

/**
 * The request that a form stands for: browsers that could not send other methods or headers across origins put them into a form.
 * Version 2.0 has dropped it.
 * @throws CairnError `BAD_INPUT` when the form does not say what it should
 */
export async function plainRequest(request: Request): Promise<Request> {
  const url = new URL(request.url);
  const [method = "", ...others] = [...url.searchParams].map(([name, value]) =>
    name === "method" ? value.toUpperCase() : name,
  );
  if (!methods.includes(method) || others.length > 0)
    throw unfit("only the parameter method in the address, one of HTTP's");
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers.get("content-type") ?? "")) throw unfit("a form");
  const form = new URLSearchParams(await request.text());
  if (/^2\./.test(form.get("X-Experience-API-Version") ?? request.headers.get("x-experience-api-version") ?? "")) {
    throw unfit("a plain request, as version 2.0 asks");
  }
  const plain = new Headers(request.headers);
  plain.delete("content-type");
  plain.delete("content-length");
  url.search = "";
  let content: string | undefined;
  for (const [name, value] of form) {
    if (headers.includes(name.toLowerCase())) plain.set(name, value);
    else if (name === "content") content = value;
    else if (name.toLowerCase() !== "content-length") url.searchParams.append(name, value);
  }
  if (content !== undefined && !plain.has("content-type")) plain.set("content-type", "application/json");
  const body = content === undefined || method === "GET" || method === "HEAD" ? {} : { body: content };
  return new Request(url, { method, headers: plain, ...body });
}

function unfit(expected: string): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected} in a request of the alternate syntax, got something else`);
}
