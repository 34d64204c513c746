import type { Command } from "commander";
import { Argument } from "commander";
import type { FlatProfileName, ImportReport, ImportSource } from "../../engine/intake/import-files.ts";
import { flatProfileNames, importDistrict, importSource } from "../../engine/intake/import-files.ts";
import { ensureTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";

interface Options {
  tenant: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `cairn import`: records in, each with its provenance, each refusal with its reason. */
export function registerImport(program: Command): void {
  const parent = program.command("import").description("read records from the files real systems send");
  const add = (name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .addOption(tenantOption())
      .option("--dry-run", "read, check and report, but write nothing")
      .addOption(jsonOption());

  add("oneroster", "OneRoster CSV 1.1 or 1.2: a zip or a folder")
    .argument("<path>")
    .action((path: string, options: Options) => run(options, () => ({ standard: "oneroster", path })));
  add("flat", "a flat CSV by its profile")
    .addArgument(new Argument("<profile>").choices([...flatProfileNames]))
    .argument("<path>")
    .action((profile: FlatProfileName, path: string, options: Options) =>
      run(options, () => ({ standard: "flat", profile, path })),
    );
  add("caliper", "Caliper 1.1 or 1.2 envelopes: JSON, or one a line")
    .argument("<path>")
    .action((path: string, options: Options) => run(options, () => ({ standard: "caliper", path })));
  add("district", "a folder with oneroster.zip, flat CSVs named after their profiles, and caliper.jsonl")
    .argument("<folder>")
    .action((folder: string, options: Options) => run(options, () => folder));
}

async function run(options: Options, what: () => ImportSource | string): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const source = what();
  const reports = await context.withCairn(async (cairn) => {
    const tenantId = await ensureTenant(cairn, options.tenant);
    const how = { dryRun: options.dryRun ?? false, onProgress: context.onProgress, signal: context.signal };
    return typeof source === "string"
      ? importDistrict(cairn, tenantId, source, how)
      : [await importSource(cairn, tenantId, source, how)];
  });
  for (const report of reports) context.say(describeImport(report));
  context.answer(typeof source === "string" ? reports : reports[0]); // a district is always a list
}

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
  return [`${report.standard} · batch ${report.batchId} · ${report.seconds.toFixed(1)} s`, ...lines].join("\n");
}
