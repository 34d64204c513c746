import type { ImportReport } from "../../engine/intake/import-files.ts";

/** An import report as text: a line per file, then what was lenient, then what was refused. */
export function describeImport(report: ImportReport): string {
  const lines = report.files.map(
    ({ file, rows, new: added, changed, unchanged, refused }) =>
      `  ${file}: ${rows} rows, ${added} new, ${changed} changed, ${unchanged} unchanged, ${refused} refused`,
  );
  for (const { file, what, count } of report.leniencies) lines.push(`  read leniently in ${file}: ${what} (${count})`);
  for (const { file, line, column, reason } of report.refusals) {
    lines.push(
      `  refused ${file} line ${line}${column === null || column === undefined ? "" : ` column ${column}`}: ${reason}`,
    );
  }
  const refused = report.files.reduce((sum, file) => sum + file.refused, 0);
  // Not by this batch: a row that came before waits where it first came.
  if (refused > 0 && !report.dryRun) lines.push("  what waits for repair: cairn import refused list");
  const standing = report.standing === "contributed" ? " · contributed" : "";
  const dry = report.dryRun ? " · dry run, nothing written" : "";
  const head = `${report.standard} · batch ${report.batchId}${standing}${dry} · ${report.seconds.toFixed(1)} s`;
  return [head, ...lines].join("\n");
}
