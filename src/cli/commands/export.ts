import type { Command } from "commander";
import type { EdFiExport, RosterExport } from "../../engine/intake/export-records.ts";
import { exportEdFiBodies, exportRoster } from "../../engine/intake/export-records.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";

interface RosterOptions {
  tenant: string;
  out: string;
  source?: string;
  forSpreadsheets?: boolean;
  json?: boolean;
}

interface EdFiOptions {
  tenant: string;
  out: string;
  studentIds: string;
  json?: boolean;
}

/** `cairn export oneroster` and `cairn export edfi`: the record in the forms other systems read. */
export function registerExport(program: Command): void {
  const parent =
    program.commands.find((command) => command.name() === "export") ??
    program.command("export").description("write records in the forms other systems read");
  parent
    .command("oneroster")
    .description("roster and gradebook as a OneRoster 1.2.1 CSV package")
    .requiredOption("--out <path>", "the zip to write")
    .addOption(tenantOption())
    .option("--source <code>", "the source whose ids are kept as they are; else the one with the most people")
    .option("--for-spreadsheets", "disarm cells a spreadsheet would run as formulas; never for another system")
    .addOption(jsonOption())
    .action(runRoster);
  parent
    .command("edfi")
    .description("bodies of the Ed-Fi API as JSONL: results of tests and of work, and risks as student indicators")
    .requiredOption("--out <folder>", "the folder to write to")
    .addOption(tenantOption())
    .option("--student-ids <system>", "the naming system of the unique ids of students in the Ed-Fi system", "state")
    .addOption(jsonOption())
    .action(runEdFi);
}

async function runRoster({ tenant, out, json = false, ...options }: RosterOptions): Promise<void> {
  const context = createContext({ json });
  const report = await context.withCairn(async (cairn) =>
    exportRoster(cairn, await requireTenant(cairn, tenant), out, {
      ...options,
      onProgress: context.onProgress,
      signal: context.signal,
    }),
  );
  context.say(describeRoster(report, out));
  context.answer(report);
}

function describeRoster({ files, source, sha256, formulaCells }: RosterExport, path: string): string {
  const lines = files
    .filter(({ rows, leftOut }) => rows > 0 || leftOut > 0)
    .map(({ file, rows, leftOut }) => {
      const left = leftOut === 0 ? "" : `, ${leftOut} left out: the standard has no way to tell them`;
      return `  ${file}: ${rows} rows${left}`;
    });
  if (formulaCells > 0) lines.push(`  ${formulaCells} cells a spreadsheet would run as formulas`);
  return [`OneRoster 1.2.1 with the ids of ${source} in ${path} · SHA-256 ${sha256}`, ...lines].join("\n");
}

async function runEdFi({ tenant, out, json = false, ...options }: EdFiOptions): Promise<void> {
  const context = createContext({ json });
  const report = await context.withCairn(async (cairn) =>
    exportEdFiBodies(cairn, await requireTenant(cairn, tenant), out, {
      ...options,
      onProgress: context.onProgress,
      signal: context.signal,
    }),
  );
  context.say(describeEdFi(report, out));
  context.answer(report);
}

function describeEdFi({ files }: EdFiExport, folder: string): string {
  const lines = files.map(({ file, rows, leftOut }) => {
    const left = Object.entries(leftOut).filter(([, count]) => count > 0);
    return [`  ${file}: ${rows} bodies`, ...left.map(([reason, count]) => `${count} left out: ${reason}`)].join(", ");
  });
  return [`Ed-Fi bodies in ${folder}`, ...lines].join("\n");
}
