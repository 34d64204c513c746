import type { Command } from "commander";
import { importEdFiDelivery } from "../../engine/intake/edfi.ts";
import { ensureTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { describeImport } from "./import.ts";

interface Options {
  tenant: string;
  source?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `cairn import edfi`: bodies of the Ed-Fi API, or its bulk XML. */
export function registerImportEdFi(program: Command): void {
  const parent =
    program.commands.find((command) => command.name() === "import") ??
    program.command("import").description("read records from the files real systems send");
  parent
    .command("edfi")
    .description(
      "Ed-Fi, Data Standard 4 to 6: JSON or JSONL of the API, one resource a file, or bulk XML; a folder, zip or file",
    )
    .argument("<path>")
    .addOption(tenantOption())
    .option("--source <code>", "the system it comes from: records of another code are other records", "ed-fi")
    .option("--dry-run", "read, check and report, but write nothing")
    .addOption(jsonOption())
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const report = await context.withCairn(async (cairn) => {
    // A dry run leaves nothing, not even the district.
    const tenantId = options.dryRun === true ? options.tenant : await ensureTenant(cairn, options.tenant);
    return importEdFiDelivery(cairn, tenantId, path, {
      ...(options.source === undefined ? {} : { source: options.source }),
      dryRun: options.dryRun ?? false,
      onProgress: context.onProgress,
      signal: context.signal,
    });
  });
  context.say(describeImport(report));
  context.answer(report);
}
