import { html } from "hono/html";
import type { LearnerRows } from "./gather.ts";
import { indexed, latestRows, text } from "./latest.ts";
import type { RecordRow } from "./names.ts";
import { columnsOf } from "./names.ts";
import type { BackpackTable } from "./tables.ts";

/** What stands above the rows. */
export interface PageHead {
  readonly district: string;
  /** When the page was made, as a day. */
  readonly madeOn: string;
}

const provenance = new Set([
  "tenant_id",
  "version_id",
  "record_key",
  "content_hash",
  "class",
  "authority",
  "batch_id",
  "source_record_id",
  "known_on",
  "received_at",
  "supersedes",
  "retracted_at",
  "source_version",
  "raw_ref",
  "verification",
  "person_id",
  "document",
]);
/** Keys are read as the titles of what they name. */
const titles: Readonly<Record<string, readonly [table: string, title: string]>> = {
  assignment_key: ["assignment", "title"],
  section_key: ["section", "title"],
  course_key: ["course", "title"],
  term_key: ["term", "title"],
  org_key: ["org", "name"],
  assessment_key: ["assessment", "title"],
};
const classes: Readonly<Record<string, string>> = {
  certified: "certified by the school",
  contributed: "contributed",
  derived: "computed",
};
/** More rows of one kind than anybody reads: the page shows the latest and says where the others are. */
const longestTable = 200;

/**
 * The record as one page a family can read, print and keep: no script, no address outside it, every text escaped. It shows
 * the latest version of everything and says of each row who stands behind it.
 */
export async function backpackPage(
  head: PageHead,
  tables: readonly BackpackTable[],
  rows: LearnerRows,
): Promise<string> {
  const name = learnerName(rows);
  const sections = tables.map((table) => section(table, rows));
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data Backpack: ${name}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 72rem; padding: 0 1rem; color: #1a1a1a; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #767676; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }
h2 { margin-top: 2rem; }
a { color: #0b4f9e; }
@media print { nav { display: none; } .wide { overflow: visible; } table { font-size: 0.75rem; } tr { break-inside: avoid; } }
</style>
</head>
<body>
<header>
<h1>Data Backpack of ${name}</h1>
<p>What ${head.district} has on record about this learner, as of ${head.madeOn}. "Certified by the school" is the school's own
word. "Contributed" was said by the learner, the family, a teacher or a platform. "Computed" was worked out by cairn. If
something is wrong, you may ask the school to change it (34 CFR 99.20); your words then stand beside the record.</p>
<p>This page is for reading and carries no signature. What proves the record to others is the file backpack.json beside it.</p>
</header>
<nav aria-label="Contents"><ul>${tables
    .filter(({ name: table }) => latestRows(rows.get(table) ?? []).length > 0)
    .map((table) => html`<li><a href="#${table.name}">${table.title}</a></li>`)}</ul></nav>
<main>${sections}</main>
</body>
</html>
`;
  return page.toString();
}

function learnerName(rows: LearnerRows): string {
  const person = latestRows(rows.get("person") ?? []).at(-1);
  const given = text(person, "preferred_given_name") ?? text(person, "given_name");
  const family = text(person, "preferred_family_name") ?? text(person, "family_name");
  return [given, family].filter((part) => part !== null).join(" ") || "a learner";
}

function section(table: BackpackTable, rows: LearnerRows) {
  const all = latestRows(rows.get(table.name) ?? []);
  if (all.length === 0) return "";
  const shown = all.slice(-longestTable).reverse();
  const columns = columnsOf(table.name).filter(
    (column) => !provenance.has(column) && shown.some((row) => !empty(row[column])),
  );
  return html`<section aria-labelledby="${table.name}">
<h2 id="${table.name}">${table.title}</h2>
${all.length > shown.length ? html`<p>The latest ${shown.length} of ${all.length}; the others are in the data files.</p>` : ""}
<div class="wide" tabindex="0" role="region" aria-label="${table.title}"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${words(column)}</th>`)}<th scope="col">whose word</th></tr></thead>
<tbody>${shown.map(
    (
      row,
    ) => html`<tr>${columns.map((column) => html`<td>${shownValue(column, row, rows)}</td>`)}<td>${standing(row)}${contest(row, rows)}</td></tr>
`,
  )}</tbody>
</table></div>
</section>
`;
}

function standing(row: RecordRow): string {
  const authority = text(row, "authority");
  const word = classes[String(row.class)] ?? "the district's own account";
  // The part after # is what the other district calls its authority.
  return authority === null ? word : `${word} (${authority.slice(authority.indexOf("#") + 1)})`;
}

/** What was said against a record stands beside it (34 CFR 99.21(c)). */
function contest(row: RecordRow, rows: LearnerRows) {
  const said = latestRows(rows.get("annotation") ?? []).filter((note) => note.subject_key === row.record_key);
  return said.map(
    (note) => html`<br><strong>${text(note, "kind")}</strong> by ${text(note, "by")}: ${text(note, "text")}`,
  );
}

function words(column: string): string {
  return column.replace(/_keys?$/, "").replaceAll("_", " ");
}

function shownValue(column: string, row: RecordRow, rows: LearnerRows): string {
  const value = row[column];
  if (empty(value)) return "";
  const named = titles[column];
  if (named !== undefined) {
    return text(indexed(rows.get(named[0]) ?? [], "record_key").get(String(value)), named[1]) ?? "";
  }
  if (/_keys?$/.test(column)) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function empty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}
