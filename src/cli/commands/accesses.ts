import type { Command } from "commander";
import type { AccessLog } from "../../engine/access/accesses.ts";
import { listAccesses, readAccesses } from "../../engine/access/accesses.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { officeOf } from "./disclosures.ts";

interface Options extends OfficeOptions {
  limit: number;
  before?: string;
}

/** `cairn accesses`: who was shown a learner over HTTP, or anybody of the district; the newest first. */
export function registerAccesses(program: Command): void {
  program
    .command("accesses")
    .description("who was shown a learner by the service, when, by which route and what for")
    .argument("[learner]", "the district's own number; anybody of the district when left out")
    .option("--limit <n>", "the newest so many", parseCount, 50)
    .option("--before <id>", "those before this line, as the page before it names it")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (learner: string | undefined, options: Options) => {
      const context = createContext({ json: options.json ?? false });
      const { limit, before } = options;
      const page = before === undefined ? { limit } : { limit, before };
      const log: AccessLog = await context.withCairn(async (cairn) =>
        learner === undefined
          ? listAccesses(cairn, await requireTenant(cairn, options.tenant), page)
          : readAccesses(cairn, await officeOf(cairn, options), learner, page),
      );
      for (const line of log.accesses) context.say(describe(line));
      if (log.accesses.length === 0) context.say("nobody was shown anything yet");
      if (log.next !== null) context.say(`older ones: --before ${log.next}`);
      context.answer(log);
    });
}

function describe(line: AccessLog["accesses"][number]): string {
  const { at, outcome, role, reader, credential, route, purpose, learners, runId } = line;
  const who = reader ?? (credential === null ? role : `${role} ${credential}`);
  const whom = learners === null ? "not said of whom" : learners === 1 ? "1 learner" : `${learners} learners`;
  const from = runId === null ? [] : [`run ${runId}`];
  return [`${at} ${outcome}`, who, route, purpose, whom, ...from].join(" · ");
}
