import type { Command } from "commander";
import { Argument } from "commander";
import { promiseAnswer } from "../../engine/families/office.ts";
import type { SchoolStep } from "../../engine/families/rights.ts";
import {
  closeAccess,
  decideAmendment,
  listOpenCases,
  refuseDirectory,
  schoolSteps,
} from "../../engine/families/rights.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption, officeOf } from "./disclosures.ts";

/** `cairn rights`: requests of families that wait for the school, each with its legal clock. */
export function registerRights(program: Command): void {
  const parent = program.command("rights").description("requests to inspect and to change records, by the legal clock");
  const add = (name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .addOption(tenantOption())
      .addOption(byOption())
      .addOption(jsonOption());

  add("cases", "what waits for the school: reminders and breaches").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const found = await context.withCairn(async (cairn) => listOpenCases(cairn, await officeOf(cairn, options)));
    const learner = (personId: string): string => `learner ${found.numbers[personId] ?? personId}`;
    for (const { caseId, personId, clock, dueOn } of found.accessRequests) {
      context.say(`${clock} · ${learner(personId)} · inspect, by ${dueOn} · ${caseId}`);
    }
    for (const { caseId, personId, clock, dueOn, state, recordTable } of found.amendments) {
      context.say(`${clock} · ${learner(personId)} · change ${recordTable}, by ${dueOn} · ${state} · ${caseId}`);
    }
    context.answer(found);
  });

  add("step", "a step of the school in an amendment case")
    .argument("<case>")
    .addArgument(new Argument("<step>").choices([...schoolSteps]))
    .requiredOption("--words <words>", "the decision and its grounds, or when and where the hearing is")
    .action(async (caseId: string, step: SchoolStep, options: OfficeOptions & { words: string }) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) =>
        decideAmendment(cairn, await officeOf(cairn, options), { caseId, step, text: options.words }),
      );
      context.say(`${caseId}: ${step}`);
      context.answer({ caseId, step });
    });

  add("answer", "close a request to inspect")
    .argument("<case>")
    .requiredOption("--words <words>", "how it was answered")
    .action(async (caseId: string, options: OfficeOptions & { words: string }) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) =>
        closeAccess(cairn, await officeOf(cairn, options), { caseId, text: options.words }),
      );
      context.say(`${caseId}: answered`);
      context.answer({ caseId, clock: "answered" });
    });

  add("days", "say within how many days the district answers (45 at most)")
    .argument("<days>", "a whole number", parseCount)
    .action(async (days: number, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) => promiseAnswer(cairn, (await officeOf(cairn, options)).tenantId, days));
      context.say(`requests are answered within ${days} days`);
      context.answer({ answerDays: days });
    });

  add("directory", "write down that a family refuses directory information")
    .argument("<learner>", "the district's own number")
    .argument("<year>", "the year in which the school year ends", parseCount)
    .action(async (learner: string, year: number, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) => refuseDirectory(cairn, await officeOf(cairn, options), learner, year));
      context.say(`directory information is refused for the school year ${year - 1}-${year}`);
      context.answer({ schoolYear: year, refused: true });
    });
}
