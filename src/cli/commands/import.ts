import type { Command } from "commander";
import type { ImportSource } from "../../engine/intake/import-files.ts";
import {
  columnProfiles,
  flatProfileNames,
  importDistrict,
  importSource,
  isProfileName,
  readProfile,
} from "../../engine/intake/import-files.ts";
import { ensureTenant } from "../../engine/intake/tenants.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { registerRefused } from "./import-refused.ts";
import { describeImport } from "./import-report.ts";

export { describeImport };

interface Options {
  tenant: string;
  dryRun?: boolean;
  contributed?: boolean;
  timeZone?: string;
  date?: string;
  source?: string;
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
      .option("--contributed", "the source is no system of record: what it says goes to the Profile")
      .option("--time-zone <zone>", "the district's, such as America/New_York: moments become its wall clock")
      .addOption(jsonOption());

  add("oneroster", "OneRoster CSV 1.1 or 1.2: a zip or a folder")
    .argument("<path>")
    .action((path: string, options: Options) => run(options, async () => ({ standard: "oneroster", path })));
  add("flat", "a flat CSV or a vendor's file by its profile (cairn import profiles lists them)")
    .argument("<profile>", "its name, or a column profile of your own: a JSON file")
    .argument("<path>")
    .option("--source <code>", "the system it comes from: records of another code are other records")
    .option("--date <day>", "the day the file speaks of, YYYY-MM-DD, where its rows do not say it")
    .action((profile: string, path: string, options: Options, command: Command) => {
      if (!isProfileName(profile) && !profile.endsWith(".json")) {
        const names = [...flatProfileNames, ...columnProfiles.map(({ name }) => name)];
        command.error(`error: '${profile}' is no profile. Allowed choices are ${names.join(", ")}.`);
      }
      return run(options, () => flatSource(profile, path, options));
    });
  add("caliper", "Caliper 1.1 or 1.2 envelopes: JSON, or one a line")
    .argument("<path>")
    .action((path: string, options: Options) => run(options, async () => ({ standard: "caliper", path })));
  add("district", "a folder with oneroster.zip, flat CSVs named after their profiles, and caliper.jsonl")
    .argument("<folder>")
    .action((folder: string, options: Options) => run(options, async () => folder));
  registerProfiles(parent);
  registerRefused(parent);
}

async function flatSource(profile: string, path: string, { source }: Options): Promise<ImportSource> {
  return {
    standard: "flat",
    profile: await readProfile(profile),
    path,
    ...(source === undefined ? {} : { systemCode: source }),
  };
}

async function run(options: Options, what: () => Promise<ImportSource | string>): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const source = await what();
  const reports = await context.withCairn(async (cairn) => {
    // A dry run leaves nothing, not even the district.
    const tenantId = options.dryRun
      ? options.tenant
      : await ensureTenant(cairn, options.tenant, options.tenant, options.timeZone);
    const how = {
      dryRun: options.dryRun ?? false,
      ...(options.contributed ? { standing: "contributed" as const } : {}),
      ...(options.date === undefined ? {} : { date: options.date }),
      onProgress: context.onProgress,
      signal: context.signal,
    };
    return typeof source === "string"
      ? importDistrict(cairn, tenantId, source, how)
      : [await importSource(cairn, tenantId, source, how)];
  });
  for (const report of reports) context.say(describeImport(report));
  context.answer(typeof source === "string" ? reports : reports[0]); // a district is always a list
}

function registerProfiles(parent: Command): void {
  parent
    .command("profiles")
    .description("the flat files and vendors' files that can be read")
    .option("--show <name>", "print a vendor's profile as JSON, to begin one of your own with")
    .addOption(jsonOption())
    .action(({ show, json = false }: { show?: string; json?: boolean }) => {
      const context = createContext({ json: json || show !== undefined });
      const profile = columnProfiles.find(({ name }) => name === show);
      if (show !== undefined && profile === undefined) {
        throw new CairnError("NOT_FOUND", `expected the name of a vendor's profile, got "${show}"`, {
          hint: "cairn import profiles lists them",
        });
      }
      for (const name of flatProfileNames) context.say(`${name.padEnd(36)} a flat file of cairn's own`);
      for (const { name, title } of columnProfiles) context.say(`${name.padEnd(36)} ${title}`);
      context.answer(
        profile ?? { flat: flatProfileNames, vendors: columnProfiles.map(({ name, title }) => ({ name, title })) },
      );
    });
}
