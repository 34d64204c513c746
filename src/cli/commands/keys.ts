import type { Command } from "commander";
import { Option } from "commander";
import type { KeyEntry } from "../../engine/access/key-register.ts";
import { createDistrictKey, listKeys, revokeKey, rotateKey } from "../../engine/access/key-register.ts";
import type { Role } from "../../engine/access/keys.ts";
import { personalRoles, roles } from "../../engine/access/keys.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import type { Context } from "../context.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";

interface Options {
  readonly tenant: string;
  readonly json?: boolean;
}

/** `cairn keys`: which keys open a district's records over HTTP; gives out, renews and takes back. */
export function registerKeys(program: Command): void {
  const keys = program.command("keys").description("keys of the API: list, give out, renew, take back");
  const add = (name: string, description: string): Command =>
    keys.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("list", "every key that was given out, by 16 digits of its hash").action(async (options: Options) => {
    const context = createContext({ json: options.json ?? false });
    const found = await context.withCairn(async (cairn) => listKeys(cairn, await requireTenant(cairn, options.tenant)));
    for (const line of describeKeys(found)) context.say(line);
    context.answer({ keys: found });
  });

  add("new", "a key of the district's own, shown once")
    .addOption(
      new Option("--role <role>", "what it opens")
        .choices(roles.filter((role) => !personalRoles.includes(role)))
        .makeOptionMandatory(),
    )
    .option("--label <label>", "what the key is called", "made by cairn keys new")
    .action(async (options: Options & { role: Role; label: string }) => {
      const context = createContext({ json: options.json ?? false });
      const key = await context.withCairn(async (cairn) =>
        createDistrictKey(cairn, await requireTenant(cairn, options.tenant), options.role, options.label),
      );
      show(context, key, `A new key of role ${options.role}, shown this once`);
    });

  add("rotate", "another key of the same role and holder, shown once; the old one opens nothing from now on")
    .argument("<credential>", "16 digits of the old key's hash, as `list` and the log of accesses name it")
    .action(async (credential: string, options: Options) => {
      const context = createContext({ json: options.json ?? false });
      const key = await context.withCairn(async (cairn) =>
        rotateKey(cairn, await requireTenant(cairn, options.tenant), credential),
      );
      show(context, key, "In place of the old one, shown this once");
    });

  add("revoke", "take a key back: it is refused from the next request on")
    .argument("<credential>", "16 digits of the key's hash, as `list` and the log of accesses name it")
    .action(async (credential: string, options: Options) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) =>
        revokeKey(cairn, await requireTenant(cairn, options.tenant), credential),
      );
      context.say(`${credential} opens nothing any more`);
      context.answer({ revoked: credential });
    });
}

function show(context: Context, key: string, words: string): void {
  context.say(`${words}: ${key}`);
  context.answer({ key });
}

function describeKeys(entries: readonly KeyEntry[]): string[] {
  if (entries.length === 0) return ["No key was given out."];
  return entries.map(({ credential, role, label, personal, createdAt, revokedAt }) => {
    const state = revokedAt === null ? "works" : `revoked ${revokedAt.slice(0, 10)}`;
    const holder = personal ? "one person's" : "the district's";
    return `${credential}  ${role.padEnd(9)}  ${holder.padEnd(14)}  since ${createdAt.slice(0, 10)}  ${state}  ${label}`;
  });
}
