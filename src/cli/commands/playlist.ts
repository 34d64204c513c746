import type { Command } from "commander";
import { requireTenant } from "../../engine/intake/tenants.ts";
import type { LivePlaylist } from "../../engine/playlists/live/compose.ts";
import { nextPlaylist } from "../../engine/playlists/live/next.ts";
import type { OverrideDecision } from "../../engine/playlists/overrides.ts";
import { decideOverride, listOverrides, withdrawOverride } from "../../engine/playlists/overrides.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";

interface Common {
  readonly tenant: string;
  readonly json?: boolean;
}

/** `cairn playlist`: a learner's next activities as of now, and what teachers decide about them. */
export function registerPlaylist(program: Command): void {
  const playlist = program
    .command("playlist")
    .description("a learner's next activities from what is known now, with reasons; pins, required work and bans");
  registerNext(playlist);
  registerDecide(playlist);
  registerDecisions(playlist);
}

interface NextOptions extends Common {
  readonly minutes?: number;
  readonly standard?: readonly string[];
  readonly setting?: string;
}

function registerNext(playlist: Command): void {
  playlist
    .command("next")
    .description("the next activities, and why")
    .argument("<learner>", "the district's own number")
    .option("--minutes <n>", "minutes there are (30 when not said)", parseCount)
    .option("--standard <ids...>", "work towards these standards, and what they rest on")
    .option("--setting <setting>", "where or with whom: alone, small-group, home …")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (learner: string, { minutes, standard, setting, tenant, json }: NextOptions) => {
      const context = createContext({ json: json ?? false });
      const ask = {
        learner,
        ...(minutes === undefined ? {} : { minutes }),
        ...(standard === undefined ? {} : { goal: { standards: standard } }),
        ...(setting === undefined ? {} : { setting }),
      };
      const list = await context.withCairn(async (cairn) =>
        nextPlaylist(cairn, await requireTenant(cairn, tenant), ask),
      );
      for (const line of describe(list)) context.say(line);
      context.answer(list);
    });
}

function describe({ headline, items, minutes, waiting }: LivePlaylist): string[] {
  return [
    `${headline} (${minutes} minutes)`,
    ...items.flatMap(({ position, title, minutes: needed, standardLabel, reasons }) => [
      `${position}. ${title}, ${needed} minutes, on ${standardLabel}`,
      ...reasons.teacher.map((words) => `   ${words}`),
    ]),
    ...waiting.map(({ activity, reason }) => `Waiting for time: ${activity} (${reason})`),
  ];
}

interface DecideOptions extends Common {
  readonly reason: string;
  readonly until?: string;
  readonly position?: number;
  readonly standard?: boolean;
}

function registerDecide(playlist: Command): void {
  playlist
    .command("decide")
    .description("pin, require or ban: it holds from the next list on")
    .argument("<learner>", "the district's own number")
    .argument("<kind>", "pin, require or ban")
    .argument("<id>", "the activity; with --standard the standard, for a ban of all that is on it")
    .requiredOption("--reason <words>", "why, in words the learner may read")
    .option("--until <day>", "the last day it holds (YYYY-MM-DD)")
    .option("--position <n>", "place among what is pinned, smaller first", parseCount)
    .option("--standard", "the id is a standard's")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (learner: string, kind: OverrideDecision["kind"], id: string, options: DecideOptions) => {
      const context = createContext({ json: options.json ?? false });
      const { reason, until, position } = options;
      const decision: OverrideDecision = {
        kind,
        reason,
        ...(options.standard === true ? { standard: id } : { activity: id }),
        ...(until === undefined ? {} : { until }),
        ...(position === undefined ? {} : { position }),
      };
      const stored = await context.withCairn(async (cairn) =>
        decideOverride(cairn, await operatorOf(cairn, options.tenant), learner, decision),
      );
      context.say(
        `It holds from the next list on. To take it back: cairn playlist decisions ${learner} --withdraw ${stored.key}`,
      );
      context.answer(stored);
    });
}

function registerDecisions(playlist: Command): void {
  playlist
    .command("decisions")
    .description("what holds today about a learner's lists; or takes one back")
    .argument("<learner>", "the district's own number")
    .option("--withdraw <key>", "take this one back")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (learner: string, { withdraw, tenant, json }: Common & { readonly withdraw?: string }) => {
      const context = createContext({ json: json ?? false });
      const found = await context.withCairn(async (cairn) => {
        const operator = await operatorOf(cairn, tenant);
        if (withdraw !== undefined) await withdrawOverride(cairn, operator, learner, withdraw);
        return listOverrides(cairn, operator, learner);
      });
      for (const { key, kind, activity, standard, reason, until } of found) {
        context.say(`${kind} ${activity ?? standard}${until === null ? "" : ` until ${until}`}: ${reason} (${key})`);
      }
      if (found.length === 0) context.say("Nothing has been decided about this learner's lists.");
      context.answer({ overrides: found });
    });
}

async function operatorOf(cairn: Parameters<typeof requireTenant>[0], tenant: string) {
  return { tenantId: await requireTenant(cairn, tenant), role: "operator" } as const;
}
