import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { Option } from "commander";
import type { Choices } from "../../engine/families/choices.ts";
import { keepText, makeChoice, readChoices, withdrawChoice } from "../../engine/families/choices.ts";
import { createFamilyKey } from "../../engine/families/office.ts";
import { previewReader } from "../../engine/families/rights.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption, officeOf, readerOf, readerOptions } from "./disclosures.ts";

interface RecordOptions extends OfficeOptions {
  purpose: string;
  decision: "permit" | "deny";
  party?: string;
  kinds?: string;
  until?: string;
  signature: string;
}

/** `cairn consent`: what families decide, as the office records it from paper; families decide over HTTP with their own keys. */
export function registerConsent(program: Command): void {
  const parent = program.command("consent").description("what families decide about their children's records");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("list", "the switches of a learner and every decision behind them")
    .argument("<learner>", "the district's own number")
    .action(async (learner: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const found = await context.withCairn(async (cairn) =>
        readChoices(cairn, await officeOf(cairn, options), learner),
      );
      for (const line of describeChoices(found)) context.say(line);
      context.answer(found);
    });

  add("record", "write down what a guardian or a learner of 18 signed on paper")
    .argument("<learner>", "the district's own number")
    .requiredOption("--purpose <purpose>", "early-warning, playlist, study, sharing or directory")
    .addOption(new Option("--decision <decision>", "yes or no").choices(["permit", "deny"]).makeOptionMandatory())
    .option("--party <party>", "who may read: a party, a person or a kind of party (default: everybody)")
    .option("--kinds <kinds>", "kinds of data, such as attendance,grades (default: every kind)")
    .option("--until <day>", "the last day it holds")
    .requiredOption(
      "--signature <words>",
      "how the person was authenticated, such as: signed at the office, seen by hand",
    )
    .addOption(byOption())
    .action(async (learner: string, options: RecordOptions) => {
      const context = createContext({ json: options.json ?? false });
      const receipt = await context.withCairn(async (cairn) =>
        makeChoice(cairn, await officeOf(cairn, options), learner, {
          purpose: options.purpose,
          decision: options.decision,
          party: options.party ?? null,
          dataClasses: options.kinds?.split(",") ?? null,
          expiresOn: options.until ?? null,
          authentication: options.signature,
        }),
      );
      for (const line of receipt.lines) context.say(line);
      context.answer(receipt);
    });

  add("withdraw", "take a decision back, effective at the next read")
    .argument("<learner>", "the district's own number")
    .argument("<key>", "the decision's key, as `cairn consent list` shows it")
    .addOption(byOption())
    .action(async (learner: string, key: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const receipt = await context.withCairn(async (cairn) =>
        withdrawChoice(cairn, await officeOf(cairn, options), learner, key),
      );
      for (const line of receipt.lines) context.say(line);
      context.answer(receipt);
    });

  readerOptions(add("preview", "what a reader would see now, byte for byte; nothing is disclosed"))
    .argument("<learner>", "the district's own number")
    .action(async (learner: string, options: Parameters<typeof readerOf>[0]) => {
      const context = createContext({ json: options.json ?? false });
      const text = await context.withCairn(async (cairn) =>
        previewReader(cairn, await officeOf(cairn, options), learner, readerOf(options)),
      );
      context.say(text.trimEnd());
      context.answer(JSON.parse(text));
    });

  add("text", "keep a wording that families are shown; an edited one is a new version")
    .argument("<id>")
    .argument("<file>", "the words, as plain text")
    .option("--language <tag>", "the language of the words", "en")
    .action(async (textId: string, file: string, options: { language: string; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const body = await readFile(file, "utf8");
      const kept = await context.withCairn(async (cairn) =>
        keepText(cairn, await requireTenant(cairn, options.tenant), { textId, language: options.language, body }),
      );
      context.say(`kept ${kept.textId} version ${kept.version} (${kept.language}), sha256 ${kept.sha256}`);
      context.answer(kept);
    });

  add("key", "make the key of a guardian or a learner of 18, shown once")
    .argument("<person>", "the person's number, or her id in the record")
    .option("--label <label>", "what the key is called", "made by cairn consent key")
    .action(async (person: string, options: { label: string; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const key = await context.withCairn(async (cairn) =>
        createFamilyKey(cairn, await requireTenant(cairn, options.tenant), person, options.label),
      );
      context.say(`A new family key, shown this once: ${key}`);
      context.answer({ key });
    });
}

function describeChoices({ choices, history }: Choices): string[] {
  const lines: string[] = [];
  for (const { purpose, label, sentence, legalBasis, audiences } of choices) {
    lines.push(`${purpose} (${label}: ${legalBasis})`, `  ${sentence}`);
    for (const { party, allowed } of audiences) {
      const open = Object.entries(allowed).flatMap(([name, on]) => (on ? [name] : []));
      lines.push(`  ${party ?? "everybody else"}: ${open.length === 0 ? "nothing" : open.join(", ")}`);
    }
  }
  for (const { key, purpose, decision, decidedOn, party } of history) {
    lines.push(`${decidedOn} ${decision} ${purpose} for ${party ?? "everybody"} · ${key}`);
  }
  return lines;
}
