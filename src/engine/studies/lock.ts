import { createHash } from "node:crypto";
import type { StudyPlan } from "./plan-shape.ts";

/** SHA-256 of a plan with its defaults, whatever the order of its fields. */
export function planHash(plan: StudyPlan): string {
  return createHash("sha256").update(canonical(plan)).digest("hex");
}

/** JSON with keys in alphabetical order and without undefined ones: equal plans give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).filter(([, own]) => own !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, own]) => `${JSON.stringify(key)}:${canonical(own)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
