import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { CredentialVerification } from "../../engine/credentials/credentials.ts";
import {
  award,
  certifies,
  districtKey,
  keysFolderOf,
  revoke,
  signedStatusLists,
  trustIssuer,
  verifyDocument,
} from "../../engine/credentials/credentials.ts";
import { ensureTenant, requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import { optionFile, readKeys, readStatusLists, several } from "./credential-files.ts";

interface Options {
  tenant: string;
  json?: boolean;
}

/** `cairn credential`: the district's key, whom it trusts, badges it awards, and the verification of any credential. */
export function registerCredential(program: Command): void {
  const parent = program
    .command("credential")
    .description("keys, trusted issuers, badges, and the verification of credentials");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(jsonOption());

  add("key", "the DID by which other districts know this one; its signing key is made at the first call")
    .addOption(tenantOption())
    .option("--rotate", "make a new signing key first; other districts have to be told it")
    .action(showKey);
  add("trust", "take records of an issuer as certified from now on")
    .argument("<issuer>", "the issuer's DID or address, as it stands in its credentials")
    .addOption(tenantOption())
    .option("--authority <did>", "the district a later key belongs to (the DID of its first key)")
    .option("--withdraw", "take them as contributed from now on")
    .requiredOption("--by <who>", "who decides it")
    .action(trust);
  add("verify", "verify a badge, a CLR or any credential offline, in five separate answers")
    .argument("<file>")
    .option("--keys <file>", "a JSON list of keys known to be issuers'")
    .option("--status-list <address=file>", "a status list, by the address credentials name it by", several, [])
    .action(verify);
  add("award", "award a badge: sign it and put it into the learner's record")
    .addOption(tenantOption())
    .requiredOption("--student <number>", "the learner's district, state or local number")
    .requiredOption("--title <text>", "what the badge is called")
    .requiredOption("--description <text>", "what it stands for")
    .requiredOption("--criteria <text>", "what was asked for it")
    .option("--standard <code>", "a standard it is about", several, [])
    .requiredOption("--on <day>", "the day it is awarded, YYYY-MM-DD")
    .option("--out <file>", "write the signed badge to this file as well")
    .action(awardOne);
  add("revoke", "take back a badge the district has awarded, for good")
    .argument("<id>", "its id, urn:uuid:…, as it stands in the badge")
    .addOption(tenantOption())
    .requiredOption("--reason <words>", "why; without the learner's name, it is kept when her record is gone")
    .requiredOption("--by <who>", "who decides it")
    .action(revokeOne);
  add(
    "status-list",
    "write the signed lists of what was taken back, one for each key, for others to check badges against",
  )
    .addOption(tenantOption())
    .requiredOption("--out <folder>", "the folder to write to; publish what is in it anew after each revocation")
    .action(writeStatusLists);
}

async function revokeOne(id: string, options: Options & { reason: string; by: string }): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const { reason, by: decidedBy } = options;
  await context.withCairn(async (cairn) =>
    revoke(cairn, await requireTenant(cairn, options.tenant), { id, reason, decidedBy }),
  );
  context.say(`revoked ${id}: publish the list anew with \`cairn credential status-list\``);
  context.answer({ id, revoked: true });
}

async function writeStatusLists(options: Options & { out: string }): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const lists = await context.withCairn(async (cairn) =>
    signedStatusLists(cairn, await requireTenant(cairn, options.tenant), keysFolderOf(context.configuration.home)),
  );
  await mkdir(options.out, { recursive: true });
  const written: { address: string; path: string }[] = [];
  for (const [address, list] of lists) {
    const path = join(options.out, `${address.replace("urn:uuid:", "")}.json`);
    await writeFile(path, `${JSON.stringify(list, null, 2)}\n`);
    context.say(`${path}: check with cairn credential verify FILE --status-list ${address}=${path}`);
    written.push({ address, path });
  }
  context.answer(written);
}

async function showKey(options: Options & { rotate?: boolean }): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const keysFolder = keysFolderOf(context.configuration.home);
  const key = await context.withCairn(async (cairn) =>
    districtKey(cairn, await ensureTenant(cairn, options.tenant), { keysFolder, rotate: options.rotate ?? false }),
  );
  context.say(`district ${key.district}\nsigns as ${key.current}`);
  for (const did of key.earlier) context.say(`before   ${did}`);
  context.answer(key);
}

async function trust(
  issuer: string,
  options: Options & { authority?: string; withdraw?: boolean; by: string },
): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const decision = {
    issuer,
    decidedBy: options.by,
    withdraw: options.withdraw ?? false,
    ...(options.authority === undefined ? {} : { authority: options.authority }),
  };
  await context.withCairn(async (cairn) => trustIssuer(cairn, await ensureTenant(cairn, options.tenant), decision));
  context.say(`records of ${issuer} arrive as ${decision.withdraw ? "contributed" : "certified"} from now on`);
  context.answer({ issuer, standing: decision.withdraw ? "contributed" : "certified" });
}

async function verify(file: string, options: { json?: boolean; keys?: string; statusList: string[] }): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const verification = await verifyDocument(await optionFile(file), {
    now: new Date(),
    keys: await readKeys(options.keys),
    statusLists: await readStatusLists(options.statusList),
  });
  context.say(describeVerification(verification));
  const { document: _, ...answers } = verification;
  context.answer({ certifies: certifies(verification), ...answers, nested: verification.nested.map(withoutDocument) });
  if (hasFailed(verification)) process.exitCode = 1; // a script that asks nothing else must not take it for good
}

/** Whether one of the five answers, of the document or of a credential inside, is that it failed. */
function hasFailed({ signature, validity, status, identity, schema, nested }: CredentialVerification): boolean {
  return (
    [signature, validity, status, identity, schema].some(({ outcome }) => outcome === "failed") ||
    nested.some(hasFailed)
  );
}

function withoutDocument({ document: _, ...answers }: CredentialVerification): object {
  return { ...answers, nested: answers.nested.map(withoutDocument) };
}

/** The five answers as text, and those of the credentials inside. */
export function describeVerification(verification: CredentialVerification, indent = ""): string {
  const { signature, validity, status, identity, schema, issuer } = verification;
  const answers = Object.entries({ signature, validity, status, identity, schema }).map(
    ([name, answer]) => `${indent}  ${name.padEnd(10)}${answer.outcome.padEnd(13)}${answer.reason}`,
  );
  return [
    `${indent}${verification.types.at(-1) ?? "no credential"} (${verification.format}) by ${issuer.name ?? issuer.id ?? "nobody named"}`,
    ...answers,
    ...verification.nested.map((nested) => describeVerification(nested, `${indent}    `)),
  ].join("\n");
}

async function awardOne(
  options: Options & {
    student: string;
    title: string;
    description: string;
    criteria: string;
    standard: string[];
    on: string;
    out?: string;
  },
): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const { student, title, description, criteria, on: awardedOn } = options;
  const standards = options.standard.map((standard) => ({ standard, label: null }));
  const badge = await context.withCairn(async (cairn) =>
    award(
      cairn,
      await requireTenant(cairn, options.tenant),
      { student, title, description, criteria, awardedOn, standards },
      keysFolderOf(context.configuration.home),
    ),
  );
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(badge, null, 2)}\n`, { mode: 0o600 });
  context.say(`awarded ${String(badge.id)}`);
  context.answer(badge);
}
