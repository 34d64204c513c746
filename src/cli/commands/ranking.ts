import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { judgeRun } from "../../engine/early-warning/judge-run.ts";
import { giveCaseload } from "../../engine/early-warning/ranking/caseload.ts";
import { readRanking, readThriving } from "../../engine/early-warning/ranking.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, parseCount, tenantOption } from "../options.ts";
import { byOption } from "./disclosures.ts";
import { registerRankingOulad } from "./ranking-oulad.ts";
import { describeRanking, describeVerdict } from "./ranking-text.ts";

interface Shared {
  tenant: string;
  json?: boolean;
}

interface ShowOptions extends Shared {
  limit: number;
  school?: string;
  outcome?: string;
  threshold?: number;
  costs?: { needless: number; missed: number };
  counselor?: string;
}

/** `cairn ranking`: who is at risk and why, to whom more could be offered, how a past ranking turned out, whose caseload is whose. */
export function registerRanking(program: Command): void {
  const ranking = program.command("ranking").description("the latest ranking, and what past ones were worth");
  registerShow(ranking);
  registerThriving(ranking);
  registerJudge(ranking);
  registerCaseload(ranking);
  registerRankingOulad(ranking);
}

function add(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());
}

function registerShow(ranking: Command): void {
  add(ranking, "show", "the learners most at risk, with intervals, reasons, strengths, changes and what was tried")
    .option("--limit <n>", "how many you can see", parseCount, 25)
    .option("--school <name>", "only this school")
    .option("--outcome <name>", "one of the district's outcomes; the one it ranks by when left out")
    .option("--threshold <p>", "nobody below this probability", parseShare)
    .option(
      "--costs <needless:missed>",
      "cut where missing costs more than seeing for nothing, such as 1:4",
      parseCosts,
    )
    .option("--counselor <person>", "only the caseload of this person of the record")
    .action(async ({ tenant, json, ...query }: ShowOptions) => {
      const context = createContext({ json: json ?? false });
      const found = await context.withCairn(async (cairn) =>
        readRanking(cairn, await requireTenant(cairn, tenant), query),
      );
      for (const line of describeRanking(found)) context.say(line);
      context.answer(found);
    });
}

function registerThriving(ranking: Command): void {
  add(ranking, "thriving", "learners to whom more could be offered, with the evidence")
    .option("--limit <n>", "how many you can see", parseCount, 25)
    .option("--school <name>", "only this school")
    .action(async ({ tenant, json, ...query }: Shared & { limit: number; school?: string }) => {
      const context = createContext({ json: json ?? false });
      const found = await context.withCairn(async (cairn) =>
        readThriving(cairn, await requireTenant(cairn, tenant), query),
      );
      context.say(`${found.learners} learners to whom more could be offered, as of ${found.provenance.asOf}`);
      for (const { name, grade, school, consider, evidence } of found.entries)
        context.say(`  ${name}, grade ${grade}, ${school}: consider ${consider.join(", ")} · ${evidence.join("; ")}`);
      context.answer(found);
    });
}

function registerJudge(ranking: Command): void {
  add(ranking, "judge", "how a published ranking turned out, with those who were helped told apart")
    .requiredOption("--run <id>", "the run")
    .addOption(asOfOption().makeOptionMandatory())
    .option("--limit <n>", "the capacity of the list", parseCount, 25)
    .option("--outcome <name>", "one of the district's outcomes")
    .action(async (options: Shared & { run: string; asOf: string; limit: number; outcome?: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { run: runId, asOf, limit: capacity, outcome } = options;
      const found = await context.withCairn(async (cairn) =>
        judgeRun(cairn, await requireTenant(cairn, options.tenant), {
          ...{ runId, asOf, capacity },
          ...(outcome === undefined ? {} : { outcome }),
        }),
      );
      for (const line of describeVerdict(found)) context.say(line);
      context.answer(found);
    });
}

interface CaseloadOptions extends Shared {
  by?: string;
  schools?: string[];
  grades?: string[];
  names?: { from: string; to: string };
  key?: boolean;
}

function registerCaseload(ranking: Command): void {
  add(ranking, "caseload", "say whom a counselor is there for; with --key her own key, shown once")
    .argument("<counselor>", "her number, or her id in the record")
    .option("--schools <names>", "schools by name, with commas", parseList)
    .option("--grades <grades>", "grades, with commas", parseList)
    .option("--names <letters>", "family names between these beginnings, such as A-La", parseNames)
    .option("--key", "make a key that opens this caseload and no other")
    .addOption(byOption())
    .action(async (counselor: string, options: CaseloadOptions) => {
      const context = createContext({ json: options.json ?? false });
      const { schools, grades, names: familyNames, key: withKey = false, by = "the office" } = options;
      const given = await context.withCairn(async (cairn) =>
        giveCaseload(cairn, await requireTenant(cairn, options.tenant), counselor, {
          given: { schools, grades, familyNames },
          decidedBy: by,
          withKey,
        }),
      );
      context.say(`caseload of ${given.personId}: ${JSON.stringify(given.rule)}`);
      if (given.key !== undefined) context.say(`A new key of role counselor, shown this once: ${given.key}`);
      context.answer(given);
    });
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError("expected a number from 0 to 1.");
  return share;
}

function parseCosts(text: string): { needless: number; missed: number } {
  const [needless = Number.NaN, missed = Number.NaN] = text.split(":").map(Number);
  if (!(needless > 0 && missed > 0)) throw new InvalidArgumentError("expected two costs such as 1:4.");
  return { needless, missed };
}

const parseList = (text: string): string[] => text.split(",").map((part) => part.trim());

function parseNames(text: string): { from: string; to: string } {
  const [from, to, ...rest] = text.split("-").map((part) => part.trim());
  if (!from || !to || rest.length > 0) throw new InvalidArgumentError("expected letters such as A-La.");
  return { from, to };
}
