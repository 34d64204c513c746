import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { Option } from "commander";
import { parseAgreement } from "../../engine/families/agreement-file.ts";
import type { FamilyActor } from "../../engine/families/learners.ts";
import { closeAgreement, keepAgreement, readAgreements } from "../../engine/families/office.ts";
import type { ReaderToShow } from "../../engine/families/rights.ts";
import { readDisclosures, readForReader } from "../../engine/families/rights.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import type { Cairn } from "../../engine/runtime.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";

/** What a command of the office takes. */
export interface OfficeOptions {
  tenant: string;
  by?: string;
  json?: boolean;
}

/** `--by NAME`: who decides, for the logs. */
export const byOption = (): Option =>
  new Option("--by <name>", "who decides, as the logs name it").default("the office");

/** The office of a registered district. @throws CairnError `NOT_FOUND` when there is no such district */
export async function officeOf(cairn: Cairn, { tenant, by = "the office" }: OfficeOptions): Promise<FamilyActor> {
  return { tenantId: await requireTenant(cairn, tenant), recordedBy: by };
}

interface ReaderOptions extends OfficeOptions {
  party: string;
  kindOfParty?: string;
  requester?: string;
  purpose: ReaderToShow["purpose"];
  interest: string;
  agreement?: string;
}

/** The options that say who reads for what. */
export function readerOptions(command: Command): Command {
  const purposes = ["school-use", "sharing", "directory", "transfer", "study", "audit"];
  return command
    .requiredOption("--party <party>", "for whom")
    .option("--kind-of-party <kind>", "what kind of party it is, such as tutors")
    .option("--requester <name>", "the person of the party")
    .addOption(new Option("--purpose <purpose>", "what for").choices(purposes).makeOptionMandatory())
    .option("--interest <words>", "the legitimate interest", "as asked at the office")
    .option("--agreement <id>", "the agreement it rests on");
}

/** Who reads for what, from the options. */
export function readerOf(options: ReaderOptions): ReaderToShow {
  const { party, kindOfParty, requester, purpose, interest, agreement } = options;
  return {
    party,
    requester: requester ?? party,
    purpose,
    interest,
    ...(kindOfParty === undefined ? {} : { partyClasses: [kindOfParty] }),
    ...(agreement === undefined ? {} : { agreementId: agreement }),
  };
}

/** `cairn disclosures`: who read what on what basis, and the agreements under which others may. */
export function registerDisclosures(program: Command): void {
  const parent = program.command("disclosures").description("who read whose record, why and on what basis");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("list", "the record of disclosures of a learner, refused requests too")
    .argument("<learner>", "the district's own number")
    .action(async (learner: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const lines = await context.withCairn(async (cairn) =>
        readDisclosures(cairn, await officeOf(cairn, options), learner),
      );
      for (const { at, outcome, party, interest, legalBasis, dataClasses, reason } of lines) {
        context.say(
          `${at} ${outcome} · ${party} · ${interest} · ${legalBasis} · ${dataClasses.join(", ")} · ${reason}`,
        );
      }
      context.answer(lines);
    });

  readerOptions(add("read", "read a learner's record for somebody, and log it"))
    .argument("<learner>", "the district's own number")
    .addOption(byOption())
    .action(async (learner: string, options: ReaderOptions) => {
      const context = createContext({ json: options.json ?? false });
      const text = await context.withCairn(async (cairn) =>
        readForReader(cairn, await officeOf(cairn, options), learner, readerOf(options)),
      );
      context.say(text.trimEnd());
      context.answer(JSON.parse(text));
    });

  add("agreements", "the agreements of the district, with what is due").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const found = await context.withCairn(async (cairn) =>
      readAgreements(cairn, await requireTenant(cairn, options.tenant)),
    );
    for (const { agreementId, kind, party, state, endsOn, destroyBy } of found) {
      context.say(`${agreementId} · ${kind} · ${party} · ${state} · ends ${endsOn}, destroyed by ${destroyBy}`);
    }
    context.answer(found);
  });

  add("agree", "keep a written agreement from a JSON file (docs/privacy.md says what is in it)")
    .argument("<file>")
    .action(async (file: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const agreement = parseAgreement(await readFile(file, "utf8"));
      await context.withCairn(async (cairn) =>
        keepAgreement(cairn, await requireTenant(cairn, options.tenant), agreement),
      );
      context.say(`kept agreement ${agreement.agreementId}: in force ${agreement.beginsOn} to ${agreement.endsOn}`);
      context.answer(agreement);
    });

  add("destroyed", "close an agreement with the proof that its records are destroyed")
    .argument("<agreement>")
    .requiredOption("--proof <words>", "the statement of the party, or where it lies")
    .addOption(byOption())
    .action(async (agreementId: string, options: OfficeOptions & { proof: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { proof } = options;
      await context.withCairn(async (cairn) =>
        closeAgreement(cairn, await officeOf(cairn, options), { agreementId, proof }),
      );
      context.say(`agreement ${agreementId} is closed`);
      context.answer({ agreementId, state: "closed" });
    });
}
