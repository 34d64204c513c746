import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { resolveActivity } from "../../engine/intake/activity-streams.ts";
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

/**
 * `cairn import framework` and `cairn export framework`: standards, their order, and the activities that teach them; and
 * `cairn import waiting-activity`.
 */
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
  group(program, "import", "read records from the files real systems send")
    .command("waiting-activity")
    .description("find the persons of xAPI statements and Caliper events that came before the roster knew them")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(resolveAll);
  group(program, "export", "write records in the forms other systems read")
    .command("framework")
    .description("a framework as a CASE 1.1 package")
    .argument("<framework>", "the framework's id in the record")
    .requiredOption("--out <path>", "the file to write")
    .addOption(tenantOption())
    .option("--base <url>", "the address under which standards without one of their own are named", "urn:cairn")
    .addOption(jsonOption())
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

interface ExportOptions {
  tenant: string;
  base: string;
  out: string;
  json?: boolean;
}

async function exportOne(framework: string, { tenant, base, out, json = false }: ExportOptions): Promise<void> {
  const context = createContext({ json });
  const document = await context.withCairn(async (cairn) =>
    exportFramework(cairn, await requireTenant(cairn, tenant), framework, base),
  );
  await writeFile(out, `${JSON.stringify(document, null, 2)}\n`);
  const counts = { standards: document.CFItems.length, associations: document.CFAssociations.length };
  context.say(`${counts.standards} standards and ${counts.associations} associations in ${out}`);
  context.answer(counts);
}

/** Looks again for the persons of what learners did that came before the roster knew them. */
async function resolveAll({ tenant, json = false }: { tenant: string; json?: boolean }): Promise<void> {
  const context = createContext({ json });
  const outcome = await context.withCairn(async (cairn) => resolveActivity(cairn, await requireTenant(cairn, tenant)));
  for (const [kind, { resolved, waiting }] of Object.entries(outcome)) {
    context.say(`${kind}: ${resolved} have found their person, ${waiting} still wait`);
  }
  context.answer(outcome);
}
