import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A small S3 for tests: one bucket in memory, on a port of its own, as strict about who asks as the real one. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What is in it, by key; tests may damage or delete. */
  readonly objects: Map<string, { body: Buffer; headers: Record<string, string> }>;
  /** Method and key of every request that was let in. */
  readonly asked: string[];
  /** From now on every PUT is answered so; undefined: as usual. */
  refuseWith: { status: number; code: string } | undefined;
  /** Ends the connection in the middle of the next object that is read. */
  breakNextRead: boolean;
  stop(): Promise<void>;
}

const bucket = "cairn-tests";
const region = "eu-test-1";
const accessKeyId = "AKIATESTTESTTEST";
const secretAccessKey = "a secret of the tests / with + signs";

/** Starts it. */
export async function startS3(): Promise<S3Server> {
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const state: S3Server = {
    endpoint: `http://127.0.0.1:${port}`,
    ...{ bucket, region, accessKeyId, secretAccessKey },
    objects: new Map(),
    asked: [],
    refuseWith: undefined,
    breakNextRead: false,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}

async function answer(state: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const url = new URL(request.url ?? "/", state.endpoint);
  const fault = faultOf(request, url, body);
  const [, named = "", ...rest] = decodeURIComponent(url.pathname).split("/");
  const key = rest.join("/");
  const method = request.method ?? "GET";
  if (fault !== undefined) return refuse(response, 403, fault);
  if (named !== bucket) return refuse(response, 404, "NoSuchBucket");
  state.asked.push(`${method} ${key}`);
  if (method === "GET" && key === "") return list(state, url, response);
  if (method === "PUT") return put(state, key, request, body, response);
  const found = state.objects.get(key);
  if (method === "DELETE") {
    state.objects.delete(key);
    return void response.writeHead(204).end();
  }
  if (found === undefined) return refuse(response, 404, "NoSuchKey");
  response.writeHead(200, {
    ...found.headers,
    "content-length": found.body.length,
    etag: '"x"',
    "last-modified": new Date(0).toUTCString(),
  });
  if (method === "HEAD") return void response.end();
  if (!state.breakNextRead) return void response.end(found.body);
  state.breakNextRead = false;
  response.write(found.body.subarray(0, found.body.length / 2), () => response.destroy());
}

function put(state: S3Server, key: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (state.refuseWith !== undefined) {
    refuse(response, state.refuseWith.status, state.refuseWith.code);
    return;
  }
  const kept = Object.entries(request.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  state.objects.set(key, { body, headers: Object.fromEntries(kept) as Record<string, string> });
  response.writeHead(200, { etag: '"x"' }).end();
}

function list({ objects }: S3Server, url: URL, response: ServerResponse): void {
  const prefix = url.searchParams.get("prefix") ?? "";
  const found = [...objects].filter(([key]) => key.startsWith(prefix)).sort();
  const contents = found.map(
    ([key, { body }]) =>
      `<Contents><Key>${key}</Key><LastModified>1970-01-01T00:00:00Z</LastModified><ETag>"x"</ETag><Size>${body.length}</Size></Contents>`,
  );
  const text = `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
  response.writeHead(200, { "content-type": "application/xml" }).end(text);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>in words</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml" }).end(text);
}

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Checks a request as Signature Version 4 says, from the specification and not from any client. @returns the code of its fault */
function faultOf(request: IncomingMessage, url: URL, body: Buffer): string | undefined {
  const { authorization = "" } = request.headers;
  const [, id, day, zone, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (id === undefined || day === undefined || names === undefined || signature === undefined) return "AccessDenied";
  if (id !== accessKeyId) return "InvalidAccessKeyId";
  if (zone !== region) return "AuthorizationHeaderMalformed";
  const header = (name: string): string =>
    String(request.headers[name] ?? "")
      .trim()
      .replace(/ +/g, " ");
  if (header("x-amz-content-sha256") !== sha256(body)) return "XAmzContentSHA256Mismatch";
  if (!names.split(";").includes("host") || !header("x-amz-date").startsWith(day)) return "SignatureDoesNotMatch";
  const path = decodeURIComponent(url.pathname).split("/").map(encoded).join("/");
  const query = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort();
  const signed = names.split(";").map((name) => `${name}:${header(name)}\n`);
  const canonical = [request.method, path, query.join("&"), signed.join(""), names, header("x-amz-content-sha256")];
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope, sha256(canonical.join("\n"))].join("\n");
  const key = ["s3", "aws4_request"].reduce(hmac, hmac(hmac(`AWS4${secretAccessKey}`, day), region));
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex")) ? undefined : "SignatureDoesNotMatch";
}
