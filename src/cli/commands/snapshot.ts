import type { Command } from "commander";
import { Option } from "commander";
import type { SnapshotPurpose, SnapshotRecipient } from "../../engine/intake/take-snapshot.ts";
import { snapshotPurposes, takeSnapshot } from "../../engine/intake/take-snapshot.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

interface Options {
  purpose: SnapshotPurpose;
  asOf: string;
  tenant: string;
  party?: string;
  requester?: string;
  interest?: string;
  agreement?: string;
  json?: boolean;
}

/** `cairn snapshot`: the records a purpose may see, as of a day, under pseudonyms. */
export function registerSnapshot(program: Command): void {
  program
    .command("snapshot")
    .description("write what a purpose may see of the records as of a day, under pseudonyms, as Parquet")
    .addOption(new Option("--purpose <purpose>", "what for").choices(snapshotPurposes).default("early-warning"))
    .addOption(asOfOption().makeOptionMandatory())
    .addOption(tenantOption())
    .option("--party <party>", "to whom it goes: needed for study and sharing, which leave the school")
    .option("--requester <name>", "the person of the party (default: the party); under an agreement a representative")
    .option("--interest <words>", "the party's legitimate interest")
    .option("--agreement <id>", "the agreement it rests on (default: consent)")
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const context = createContext({ json: options.json ?? false });
      const manifest = await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        return takeSnapshot(cairn, tenantId, options.purpose, options.asOf, context.onProgress, recipientOf(options));
      });
      context.say(
        `snapshot ${manifest.id} for ${manifest.purpose} as of ${manifest.asOf} (basis: ${manifest.legalBasis})`,
      );
      for (const [table, { rows }] of Object.entries(manifest.tables)) context.say(`  ${table}: ${rows} rows`);
      context.say(`  left out by their families' decision: ${manifest.leftOut}`);
      for (const [kind, learners] of Object.entries(manifest.withheld ?? {}))
        context.say(`  without ${kind}: ${learners} learners`);
      context.answer(manifest);
    });
}

function recipientOf({ party, requester, interest, agreement }: Options): SnapshotRecipient | undefined {
  if (party === undefined) return undefined;
  return {
    party,
    requester: requester ?? party,
    interest: interest ?? "",
    ...(agreement === undefined ? {} : { agreementId: agreement }),
  };
}
