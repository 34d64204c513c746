import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { Option } from "commander";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { monitorDistrict } from "../../engine/monitoring/monitor.ts";
import { decideProposal, listProposals, proposeModel } from "../../engine/monitoring/proposals.ts";
import { describeMonitoring, describeProposal, plotDrift } from "../../engine/monitoring/report.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, parseCount, tenantOption } from "../options.ts";

interface Shared {
  tenant: string;
  json?: boolean;
}

/** `cairn monitor`: whether sources, features, scores and calibration are as they were; and who decides about a new model. */
export function registerMonitor(program: Command): void {
  const monitor = program.command("monitor").description("what has changed, and models that are proposed");
  const add = (name: string, description: string): Command =>
    monitor.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("check", "look now; an exit code of 1 says that something needs a person")
    .addOption(asOfOption().makeOptionMandatory())
    .option("--weeks <n>", "how many weeks the curves go back", parseCount, 8)
    .option("--plot <file>", "where to write the curves, as SVG")
    .action(async (options: Shared & { asOf: string; weeks: number; plot?: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { asOf, weeks, plot } = options;
      const report = await context.withCairn(async (cairn) =>
        monitorDistrict(cairn, await requireTenant(cairn, options.tenant), { asOf, weeks }, context.onProgress),
      );
      if (plot !== undefined) await writeFile(plot, plotDrift(report));
      context.say(describeMonitoring(report));
      context.answer(report);
      if (report.needs.length > 0) process.exitCode = 1;
    });

  add(
    "propose",
    "judge a model beside the one that is used, on a finished period neither has learned from; swaps nothing",
  )
    .requiredOption("--champion <model>", "the model that is used: see `cairn models list`")
    .requiredOption("--challenger <model>", "the model that could take its place")
    .requiredOption("--by <name>", "who proposes it")
    .option("--capacity <n>", "how many learners somebody has room for", parseCount, 25)
    .addOption(asOfOption().makeOptionMandatory())
    .action(
      async (
        options: Shared & { champion: string; challenger: string; by: string; capacity: number; asOf: string },
      ) => {
        const context = createContext({ json: options.json ?? false });
        const { champion, challenger, asOf, capacity, by: proposedBy } = options;
        const proposal = await context.withCairn(async (cairn) =>
          proposeModel(cairn, await requireTenant(cairn, options.tenant), {
            ...{ champion, challenger, asOf, capacity, proposedBy },
          }),
        );
        context.say(describeProposal(proposal));
        context.answer(proposal);
      },
    );

  add("decide", "accept or decline a proposal: once, with a reason")
    .argument("<proposal>", "its id: see `cairn monitor proposals`")
    .addOption(
      new Option("--decision <word>", "what is decided").choices(["accepted", "declined"]).makeOptionMandatory(),
    )
    .requiredOption("--reason <text>", "why")
    .requiredOption("--by <name>", "who decides")
    .action(
      async (
        proposalId: string,
        options: Shared & { decision: "accepted" | "declined"; reason: string; by: string },
      ) => {
        const context = createContext({ json: options.json ?? false });
        const { decision, reason, by: decidedBy } = options;
        const decided = await context.withCairn(async (cairn) =>
          decideProposal(cairn, await requireTenant(cairn, options.tenant), {
            ...{ proposalId, decision, reason, decidedBy },
          }),
        );
        context.say(describeProposal(decided));
        context.answer(decided);
      },
    );

  add("proposals", "the proposals of the district and what was decided, newest first").action(
    async (options: Shared) => {
      const context = createContext({ json: options.json ?? false });
      const proposals = await context.withCairn(async (cairn) =>
        listProposals(cairn, await requireTenant(cairn, options.tenant)),
      );
      for (const proposal of proposals) context.say(describeProposal(proposal));
      if (proposals.length === 0) context.say("no proposals");
      context.answer({ proposals });
    },
  );
}
