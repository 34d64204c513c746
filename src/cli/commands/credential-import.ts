import type { Command } from "commander";
import { importCredentialFiles } from "../../engine/credentials/credentials.ts";
import { ensureTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { readKeys, readStatusLists, several } from "./credential-files.ts";
import { describeImport } from "./import.ts";

interface Options {
  tenant: string;
  student?: string;
  keys?: string;
  statusList: string[];
  dryRun?: boolean;
  json?: boolean;
}

/** `cairn import credentials`: Open Badges and CLRs, each verified. */
export function registerImportCredentials(program: Command): void {
  const parent =
    program.commands.find((command) => command.name() === "import") ??
    program.command("import").description("read records from the files real systems send");
  parent
    .command("credentials")
    .description("Open Badges 2.0 and 3.0 and CLR 2.0, JSON or JWT, each verified offline; a file, folder or zip")
    .argument("<path>")
    .addOption(tenantOption())
    .option("--student <number>", "the learner who holds them, where they do not say so themselves")
    .option("--keys <file>", "a JSON list of keys you know to be issuers': with it you vouch for them")
    .option("--status-list <address=file>", "a status list, by the address credentials name it by", several, [])
    .option("--dry-run", "read, check and report, but write nothing")
    .addOption(jsonOption())
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const [keys, statusLists] = [await readKeys(options.keys), await readStatusLists(options.statusList)];
  const report = await context.withCairn(async (cairn) => {
    const tenantId = options.dryRun === true ? options.tenant : await ensureTenant(cairn, options.tenant);
    return importCredentialFiles(cairn, tenantId, path, {
      keys,
      statusLists,
      ...(options.student === undefined ? {} : { student: options.student }),
      dryRun: options.dryRun ?? false,
      onProgress: context.onProgress,
      signal: context.signal,
    });
  });
  context.say(describeImport(report));
  context.answer(report);
}
