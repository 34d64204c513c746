import { randomUUID } from "node:crypto";
import type { Attachment } from "../../engine/intake/activity-streams.ts";
import { CairnError } from "../../errors.ts";

/** A request's statements as text, and the files that came with them. */
export interface StatementBody {
  readonly body: string;
  readonly attachments: readonly Attachment[];
}

const lineEnd = Buffer.from("\r\n");

/**
 * Reads the body of a statement request: JSON, or multipart/mixed whose first part is JSON and whose others are files named by
 * their sums (1.0.3 part three, 1.5.2).
 * @throws CairnError `BAD_INPUT` when it is neither
 */
export function readStatementBody(contentType: string, content: Buffer): StatementBody {
  if (/^application\/json\s*(?:;|$)/i.test(contentType)) return { body: content.toString("utf8"), attachments: [] };
  const boundary = /^multipart\/mixed\s*;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (boundary === null) throw unfit("application/json or multipart/mixed with a boundary as the content type");
  const [first, ...files] = partsOf(content, boundary[1] ?? boundary[2]!);
  if (first === undefined || !/^application\/json\b/i.test(first.headers.get("content-type") ?? "")) {
    throw unfit("the statements as JSON in the first part");
  }
  return { body: first.content.toString("utf8"), attachments: files.map(attachmentIn) };
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly content: Buffer;
}

function attachmentIn({ headers, content }: Part): Attachment {
  const sha2 = headers.get("x-experience-api-hash")?.toLowerCase();
  if (sha2 === undefined) throw unfit("X-Experience-API-Hash on every part after the first");
  if (headers.get("content-transfer-encoding")?.toLowerCase() !== "binary") {
    throw unfit("Content-Transfer-Encoding: binary on every part after the first");
  }
  return { sha2, contentType: headers.get("content-type") ?? "application/octet-stream", content };
}

/** The parts between the boundary's lines (RFC 2046, 5.1.1). */
function partsOf(content: Buffer, boundary: string): Part[] {
  const mark = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([lineEnd, content]); // the first boundary may begin the body
  const parts: Part[] = [];
  let start = whole.indexOf(mark);
  while (start !== -1) {
    const after = start + mark.length;
    if (whole.subarray(after, after + 2).toString("latin1") === "--") return parts;
    const end = whole.indexOf(mark, after);
    const begin = whole.indexOf(lineEnd, after) + lineEnd.length;
    if (end === -1 || begin > end) break;
    parts.push(partIn(whole.subarray(begin, end)));
    start = end;
  }
  throw unfit("a multipart body that ends with its boundary");
}

function partIn(bytes: Buffer): Part {
  const blank = bytes.indexOf("\r\n\r\n");
  if (blank === -1) throw unfit("a blank line between the headers of a part and its content");
  const lines = bytes.subarray(0, blank).toString("latin1").split("\r\n");
  const headers = new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
    }),
  );
  return { headers, content: bytes.subarray(blank + 4) };
}

/** Statements and their files as multipart/mixed. */
export function writeMultipart(
  document: unknown,
  attachments: readonly Attachment[],
): { contentType: string; body: Buffer } {
  const boundary = randomUUID();
  const parts = [
    [`Content-Type: application/json\r\n\r\n`, Buffer.from(JSON.stringify(document))] as const,
    ...attachments.map(({ sha2, contentType, content }) => {
      const headers = `Content-Type: ${contentType.replaceAll(/[\r\n]/g, " ")}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}`;
      return [`${headers}\r\n\r\n`, content] as const;
    }),
  ];
  const chunks = parts.flatMap(([headers, content]) => [Buffer.from(`--${boundary}\r\n${headers}`), content, lineEnd]);
  return {
    contentType: `multipart/mixed; boundary="${boundary}"`,
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function unfit(expected: string): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected}, got something else`);
}
