import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { exportFramework, importFrameworkFile } from "../../engine/intake/frameworks.ts";
import { ensureTenant, requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { describeImport } from "./import.ts";

interface Options {
  tenant: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `cairn import framework` and `cairn export framework`: standards, their order, and the activities that teach them. */
export function registerFrameworks(program: Command): void {
  group(program, "import", "read records from the files real systems send")
    .command("framework")
    .description(
      "standards or learning activities: CASE, ASN RDF/JSON, LRMI JSON-LD, cmi5.xml, the coherence map, Junyi's map",
    )
    .argument("<path>")
    .addOption(tenantOption())
    .option("--dry-run", "read, check and report, but write nothing")
    .addOption(jsonOption())
    .action(importOne);
  group(program, "export", "write records in the forms other systems read")
    .command("framework")
    .description("a framework as a CASE 1.1 package")
    .argument("<framework>", "the framework's id in the record")
    .argument("<path>", "the file to write")
    .addOption(tenantOption())
    .option("--base <url>", "the address under which standards without one of their own are named", "urn:cairn")
    .action(exportOne);
}

/** The command that holds others of its kind, made when it is not there. */
function group(program: Command, name: string, description: string): Command {
  return program.commands.find((command) => command.name() === name) ?? program.command(name).description(description);
}

async function importOne(path: string, options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const report = await context.withCairn(async (cairn) => {
    const tenantId = await ensureTenant(cairn, options.tenant);
    const how = { dryRun: options.dryRun ?? false, onProgress: context.onProgress, signal: context.signal };
    return importFrameworkFile(cairn, tenantId, path, how);
  });
  context.say(describeImport(report));
  context.answer(report);
}

async function exportOne(framework: string, path: string, options: { tenant: string; base: string }): Promise<void> {
  const context = createContext({ json: false });
  const document = await context.withCairn(async (cairn) =>
    exportFramework(cairn, await requireTenant(cairn, options.tenant), framework, options.base),
  );
  await writeFile(path, `${JSON.stringify(document, null, 2)}\n`);
  context.say(`${document.CFItems.length} standards and ${document.CFAssociations.length} associations in ${path}`);
}
