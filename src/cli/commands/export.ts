import type { Command } from "commander";
import { Option } from "commander";
import type { EdFiExport, ExportRelease, RosterExport } from "../../engine/intake/export-records.ts";
import { exportEdFiBodies, exportRoster, releasePurposes } from "../../engine/intake/export-records.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";

interface ReleaseOptions {
  party: string;
  by: string;
  interest: string;
  purpose: ExportRelease["purpose"];
  agreement?: string;
}

interface RosterOptions extends ReleaseOptions {
  tenant: string;
  out: string;
  source?: string;
  forSpreadsheets?: boolean;
  json?: boolean;
}

interface EdFiOptions extends ReleaseOptions {
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
  releasing(parent.command("oneroster"))
    .description("roster and gradebook as a OneRoster 1.2.1 CSV package")
    .requiredOption("--out <path>", "the zip to write")
    .addOption(tenantOption())
    .option("--source <code>", "the source whose ids are kept as they are; else the one with the most people")
    .option("--for-spreadsheets", "disarm cells a spreadsheet would run as formulas; never for another system")
    .addOption(jsonOption())
    .action(runRoster);
  releasing(parent.command("edfi"))
    .description("bodies of the Ed-Fi API as JSONL: results of tests and of work, and risks as student indicators")
    .requiredOption("--out <folder>", "the folder to write to")
    .addOption(tenantOption())
    .option("--student-ids <system>", "the naming system of the unique ids of students in the Ed-Fi system", "state")
    .addOption(jsonOption())
    .action(runEdFi);
}

/** Who gets it and why: what the record of disclosures holds of it. */
function releasing(command: Command): Command {
  return command
    .requiredOption("--party <name>", "who gets it: it goes into the record of disclosures of every learner in it")
    .requiredOption("--by <who>", "who asks for it")
    .requiredOption("--interest <words>", "the legitimate interest: what they need it for")
    .addOption(
      new Option("--purpose <purpose>", "what for; where it needs consent, only those whose families gave it leave")
        .choices(releasePurposes)
        .default("school-use"),
    )
    .option("--agreement <id>", "the written agreement it rests on; an audit needs one");
}

function releaseOf({ party, by, interest, purpose, agreement }: ReleaseOptions): ExportRelease {
  const agreed = agreement === undefined ? {} : { agreementId: agreement };
  return { party, requester: by, interest, purpose, ...agreed };
}

async function runRoster({ tenant, out, source, forSpreadsheets, ...options }: RosterOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const report = await context.withCairn(async (cairn) =>
    exportRoster(cairn, await requireTenant(cairn, tenant), out, {
      release: releaseOf(options),
      ...(source === undefined ? {} : { source }),
      ...(forSpreadsheets === undefined ? {} : { forSpreadsheets }),
      onProgress: context.onProgress,
      signal: context.signal,
    }),
  );
  context.say(describeRoster(report, out));
  context.answer(report);
}

function describeLearners({ learners, leftOut }: RosterExport | EdFiExport): string {
  const without = leftOut === 0 ? "" : `; ${leftOut} left out: their families said no, or did not say yes`;
  return `  ${learners} learners, each with a line in her record of disclosures${without}`;
}

function describeRoster(report: RosterExport, path: string): string {
  const { files, source, sha256, formulaCells } = report;
  const lines = files
    .filter(({ rows, leftOut }) => rows > 0 || leftOut > 0)
    .map(({ file, rows, leftOut }) => {
      const left = leftOut === 0 ? "" : `, ${leftOut} left out: the standard has no way to tell them`;
      return `  ${file}: ${rows} rows${left}`;
    });
  if (formulaCells > 0) lines.push(`  ${formulaCells} cells a spreadsheet would run as formulas`);
  const head = `OneRoster 1.2.1 with the ids of ${source} in ${path} · SHA-256 ${sha256}`;
  return [head, ...lines, describeLearners(report)].join("\n");
}

async function runEdFi({ tenant, out, studentIds, ...options }: EdFiOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const report = await context.withCairn(async (cairn) =>
    exportEdFiBodies(cairn, await requireTenant(cairn, tenant), out, {
      release: releaseOf(options),
      studentIds,
      onProgress: context.onProgress,
      signal: context.signal,
    }),
  );
  context.say(describeEdFi(report, out));
  context.answer(report);
}

function describeEdFi(report: EdFiExport, folder: string): string {
  const lines = report.files.map(({ file, rows, leftOut }) => {
    const left = Object.entries(leftOut).filter(([, count]) => count > 0);
    return [`  ${file}: ${rows} bodies`, ...left.map(([reason, count]) => `${count} left out: ${reason}`)].join(", ");
  });
  return [`Ed-Fi bodies in ${folder}`, ...lines, describeLearners(report)].join("\n");
}
