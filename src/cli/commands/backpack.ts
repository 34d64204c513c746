import type { Command } from "commander";
import { Option } from "commander";
import type { BackpackAudience } from "../../engine/credentials/backpack.ts";
import { exportBackpack, receiveBackpack } from "../../engine/credentials/backpack.ts";
import { keysFolderOf } from "../../engine/credentials/credentials.ts";
import { ensureTenant, requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { describeImport } from "./import.ts";

/** `cairn backpack`: a learner's whole record out, signed, and in from another district. */
export function registerBackpack(program: Command): void {
  const parent = program
    .command("backpack")
    .description("a learner's whole record: out, signed; in, from another district");
  parent
    .command("export")
    .description("write a learner's Backpack as a zip; the disclosure is written down")
    .argument("<path>", "the zip to write")
    .addOption(tenantOption())
    .requiredOption("--student <number>", "the learner's district, state or local number")
    .addOption(
      new Option("--for <audience>", "the family's own copy, or what goes to the next district")
        .choices(["family", "district"])
        .default("family"),
    )
    .requiredOption("--party <name>", "who gets it: it goes into the record of disclosures")
    .requiredOption("--by <who>", "who asks for it")
    .addOption(jsonOption())
    .action(write);
  parent
    .command("import")
    .description("take in a Backpack; what a trusted district certified stays certified (see `cairn credential trust`)")
    .argument("<path>", "the zip, its folder, or backpack.json alone")
    .addOption(tenantOption())
    .option("--dry-run", "read, check and report, but write nothing")
    .addOption(jsonOption())
    .action(read);
}

async function write(
  path: string,
  options: { tenant: string; student: string; for: BackpackAudience; party: string; by: string; json?: boolean },
): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const request = { student: options.student, audience: options.for, requester: options.by, party: options.party };
  const { files, ...summary } = await context.withCairn(async (cairn) =>
    exportBackpack(cairn, await requireTenant(cairn, options.tenant), request, {
      path,
      keysFolder: keysFolderOf(context.configuration.home),
      onProgress: context.onProgress,
    }),
  );
  context.say(
    `${path}: ${summary.certifiedRows} certified rows and ${summary.credentials} credentials signed by ${summary.issuer}, ` +
      `${summary.otherRows} rows that are not certified, ${files.size} files`,
  );
  context.answer({ path, ...summary, files: [...files.keys()] });
}

async function read(path: string, options: { tenant: string; dryRun?: boolean; json?: boolean }): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const outcome = await context.withCairn(async (cairn) => {
    const tenantId = options.dryRun === true ? options.tenant : await ensureTenant(cairn, options.tenant);
    return receiveBackpack(cairn, tenantId, path, {
      keysFolder: keysFolderOf(context.configuration.home),
      dryRun: options.dryRun ?? false,
      onProgress: context.onProgress,
      signal: context.signal,
    });
  });
  context.say(describeImport(outcome.report));
  context.say(`from ${outcome.district.name}, taken as ${outcome.standing}: ${outcome.reason}`);
  context.say(`the learner is ${words[outcome.person.how]} (${outcome.person.personId})`);
  context.answer(outcome);
}

const words = {
  known: "one this record knows from there",
  matched: "one this record knows by the state's number",
  new: "new here: link her by hand if this record knows her by another number",
} as const;
