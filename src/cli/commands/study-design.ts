import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { LotSpecification } from "../../engine/studies/assignment/allocation.ts";
import { assignUnits, checkAllocation, writeAllocation } from "../../engine/studies/assignment/assign.ts";
import { type PowerAnswer, type PowerQuestion, studyPower } from "../../engine/studies/power.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount } from "../options.ts";

const designs: Readonly<Record<string, PowerQuestion["design"]>> = {
  individual: "IRA",
  blocked: "BIRA2-fixed",
  "blocked-random": "BIRA2-random",
  cluster: "CRA2",
  "cluster-three-levels": "CRA3",
  "blocked-cluster": "BCRA3-fixed",
  "blocked-cluster-random": "BCRA3-random",
};

interface PowerOptions extends Omit<PowerQuestion, "design" | "n" | "J" | "K" | "tails"> {
  readonly design: string;
  readonly learners: number;
  readonly units?: number;
  readonly groups?: number;
  readonly oneSided?: boolean;
  readonly json?: boolean;
}

interface AssignOptions {
  readonly data: string;
  readonly unit: string;
  readonly clusters?: boolean;
  readonly strata?: readonly string[];
  readonly minimise?: readonly string[];
  readonly share: number;
  readonly seed?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `cairn study power | assign | check-allocation`: what is decided before a study starts. */
export function registerStudyDesign(study: Command): void {
  registerPower(study);
  registerAssign(study);
}

function registerPower(study: Command): void {
  const number = (flags: string, description: string): Option => new Option(flags, description).argParser(parseNumber);
  study
    .command("power")
    .description(
      "the smallest effect a study of these sizes finds; with --target also its power and the units it takes",
    )
    .addOption(
      new Option("--design <name>", "what will be assigned").choices(Object.keys(designs)).makeOptionMandatory(),
    )
    .requiredOption("--learners <count>", "learners, in all (individual) or per block or cluster", parseCount)
    .option("--units <count>", "blocks or clusters (per group where there are three levels)", parseCount)
    .option("--groups <count>", "third-level units, such as districts of schools", parseCount)
    .addOption(number("--share <number>", "treated, in (0, 1); default .5"))
    .addOption(number("--rho2 <number>", "intraclass correlation of blocks or clusters; default 0"))
    .addOption(number("--rho3 <number>", "intraclass correlation of the third level; default 0"))
    .addOption(number("--r1 <number>", "variance of learners that covariates explain; default 0"))
    .addOption(number("--r2 <number>", "the same of the second level; default 0"))
    .addOption(number("--r3 <number>", "the same of the third level; default 0"))
    .addOption(
      number("--omega <number>", "how effects vary between random blocks, over the blocks' variance; default 0"),
    )
    .option("--covariates <count>", "at the level that is assigned; default 0", parseCount)
    .addOption(number("--alpha <number>", "error of the first kind; default .05"))
    .addOption(number("--power <number>", "to be reached; default .8"))
    .addOption(number("--target <number>", "the effect that would matter, in standard deviations"))
    .option("--one-sided", "test for a positive effect alone")
    .addOption(jsonOption())
    .action((options: PowerOptions) => {
      const { design, learners, units, groups, oneSided, json = false, ...rest } = options;
      const context = createContext({ json });
      const answer = studyPower({
        ...rest,
        design: designs[design]!,
        n: learners,
        ...(units === undefined ? {} : { J: units }),
        ...(groups === undefined ? {} : { K: groups }),
        tails: oneSided === true ? 1 : 2,
      });
      for (const line of describe(answer, options)) context.say(line);
      context.answer(answer);
    });
}

function describe({ detectable, power, needed, unit, cautions }: PowerAnswer, { target }: PowerOptions): string[] {
  const reached =
    power === null
      ? []
      : [
          `chance of finding ${target} standard deviations: ${(100 * power).toFixed(0)} %`,
          needed === null ? `no number of ${unit} finds it` : `${needed} ${unit} find it with the asked power`,
        ];
  return [`smallest effect it would find: ${detectable.toFixed(3)} standard deviations`, ...reached, ...cautions];
}

function registerAssign(study: Command): void {
  const list = (text: string): string[] => text.split(",").map((name) => name.trim());
  study
    .command("assign")
    .description("draw a lot: who is treated (kept private) and a hash that fixes it (to be published)")
    .requiredOption("--data <file>", "CSV with a header, before the start; also gzipped")
    .requiredOption("--unit <column>", "what is assigned: a learner's id, or a school's with --clusters")
    .option("--clusters", "units are many rows, assigned as a whole")
    .addOption(new Option("--strata <columns>", "draw within these columns' values, with commas").argParser(list))
    .addOption(
      new Option("--minimise <columns>", "keep these columns' values even").argParser(list).conflicts("strata"),
    )
    .addOption(new Option("--share <number>", "to be treated").argParser(parseNumber).default(0.5))
    .option("--seed <text>", "default: drawn from the operating system, so that nobody can foresee an arm")
    .requiredOption("--out <folder>", "where to write allocation.json and commitment.json")
    .addOption(jsonOption())
    .action(async (options: AssignOptions) => {
      const context = createContext({ json: options.json ?? false });
      const allocation = await assignUnits(options.data, specificationOf(options), new Date(), options.seed);
      const written = await writeAllocation(allocation, options.out);
      const { treatment, comparison, hash } = written.fixed;
      context.say(`${treatment} treated, ${comparison} compared; SHA-256 ${hash}`);
      context.say(`${written.allocation} (private)\n${written.commitment} (publish it)`);
      context.answer(written);
    });
  study
    .command("check-allocation")
    .description("check that an allocation is the one its hash fixed, and that its seed gives it again")
    .requiredOption("--allocation <file>", "allocation.json")
    .requiredOption("--commitment <file>", "commitment.json")
    .requiredOption("--data <file>", "the file it was drawn from")
    .addOption(jsonOption())
    .action(async (options: { allocation: string; commitment: string; data: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const fixed = await checkAllocation(options.allocation, options.commitment, options.data);
      context.say(`unchanged since ${fixed.at}: ${fixed.treatment} treated, ${fixed.comparison} compared`);
      context.answer(fixed);
    });
}

function specificationOf({ unit, clusters, strata, minimise, share }: AssignOptions): LotSpecification {
  const method = minimise !== undefined ? "minimised" : strata !== undefined ? "stratified" : "complete";
  return { method, unit, clusters: clusters ?? false, factors: [...(minimise ?? strata ?? [])], share };
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("expected a number such as 0.2.");
  return value;
}
