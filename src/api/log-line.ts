import { CairnError } from "../errors.ts";

/**
 * What the log may hold of an error that is nobody's request: cairn's own words, and of foreign errors the class, the code and
 * the place only. The database layer writes every parameter of a failed query into its message, and a parameter may name a
 * learner.
 */
export function describeFault(error: unknown): { readonly error: string; readonly at: readonly string[] } {
  const at = error instanceof Error ? framesOf(error) : [];
  return { error: error instanceof CairnError ? `${error.code}: ${error.message}` : kindOf(error), at };
}

/** Class and code of an error, and of what caused it. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { code } = error as { code?: unknown };
  const own = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? `${error.name} ${code}` : error.name;
  return error.cause instanceof Error ? `${own} (${kindOf(error.cause)})` : own;
}

const FRAMES = 8;

/** Where it was thrown; the lines before the first frame are the message. */
function framesOf(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n").map((line) => line.trim());
  return lines.filter((line) => /^at .*:\d+:\d+\)?$/.test(line)).slice(0, FRAMES);
}
