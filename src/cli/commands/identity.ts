import type { Command } from "commander";
import { linkIdentities, proposeLinks, readTrail, unlinkIdentities } from "../../engine/families/office.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption, officeOf } from "./disclosures.ts";

/** `cairn identity`: two persons of the record who are one human being, by the registrar's decision and never by machine. */
export function registerIdentity(program: Command): void {
  const parent = program.command("identity").description("link and unlink persons who are one human being");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("candidates", "pairs with the same birth date and a similar name, for the registrar to judge").action(
    async (options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const pairs = await context.withCairn(async (cairn) =>
        proposeLinks(cairn, await requireTenant(cairn, options.tenant)),
      );
      for (const { people, evidence } of pairs) {
        const named = people.map(
          ({ personId, number, givenName, familyName }) =>
            `${givenName} ${familyName} (${number ?? "no number"}, ${personId})`,
        );
        context.say(`${named.join(" and ")}: ${evidence}`);
      }
      context.answer(pairs);
    },
  );

  add("link", "say that two persons are one; reads and snapshots see one learner from now on")
    .argument("<person>", "the person's id in the record")
    .argument("<same-as>", "the other's")
    .requiredOption("--reason <words>", "why")
    .addOption(byOption())
    .action(async (personId: string, sameAs: string, options: OfficeOptions & { reason: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { reason } = options;
      const linkId = await context.withCairn(async (cairn) =>
        linkIdentities(cairn, await officeOf(cairn, options), { personId, sameAs, reason }),
      );
      context.say(`linked; \`cairn identity unlink ${linkId}\` takes it back`);
      context.answer({ linkId });
    });

  add("unlink", "take a link back; both persons are what they were")
    .argument("<link>", "the number of the link", parseCount)
    .requiredOption("--reason <words>", "why")
    .addOption(byOption())
    .action(async (linkId: number, options: OfficeOptions & { reason: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { reason } = options;
      await context.withCairn(async (cairn) =>
        unlinkIdentities(cairn, await officeOf(cairn, options), { linkId, reason }),
      );
      context.say(`link ${linkId} is taken back`);
      context.answer({ linkId, undone: true });
    });

  add("trail", "every link and unlinking of a person")
    .argument("<person>", "the person's id in the record")
    .action(async (personId: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const trail = await context.withCairn(async (cairn) =>
        readTrail(cairn, await requireTenant(cairn, options.tenant), personId),
      );
      for (const { linkId, personId: one, sameAs, undoes, decidedAt, decidedBy, reason } of trail) {
        const what = undoes === null ? `link ${linkId}` : `unlinks ${undoes}`;
        context.say(`${decidedAt} ${what}: ${one} and ${sameAs} · ${decidedBy} · ${reason}`);
      }
      context.answer(trail);
    });
}
