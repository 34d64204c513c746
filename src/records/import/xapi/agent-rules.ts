import { createHash } from "node:crypto";
import type { JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import type { Check } from "./checks.ts";
import { checkShape, filledText, iri, listOfEach, refuse, text, word } from "./checks.ts";

/** The four ways of xAPI to say who somebody is; an agent has exactly one. */
export const identifiers = ["mbox", "mbox_sha1sum", "openid", "account"] as const;

const mailbox: Check = (value, path) => {
  if (typeof value !== "string" || !/^mailto:[^\s@]+@[^\s@]+$/i.test(value)) refuse(path, "an address as mailto:…");
};

const sha1: Check = (value, path) => {
  if (typeof value !== "string" || !/^[0-9a-f]{40}$/i.test(value)) refuse(path, "a SHA-1 sum in hexadecimal digits");
};

const account: Check = (value, path) => {
  checkShape(value, path, { members: { homePage: iri, name: filledText }, required: ["homePage", "name"] });
};

const identity = { name: text, mbox: mailbox, mbox_sha1sum: sha1, openid: iri, account };

function countIdentifiers(value: JsonObject): number {
  return identifiers.filter((name) => name in value).length;
}

/** An agent: exactly one of mbox, mbox_sha1sum, openid and account. */
export const agent: Check = (value, path) => {
  const found = checkShape(value, path, { members: { ...identity, objectType: word("Agent") } });
  if (countIdentifiers(found) !== 1) refuse(path, "exactly one of mbox, mbox_sha1sum, openid and account");
};

/** A group: identified by at most one of the four, else by its members. */
export const group: Check = (value, path) => {
  const members = { ...identity, objectType: word("Group"), member: listOfEach(agent) };
  const found = checkShape(value, path, { members, required: ["objectType"] });
  const count = countIdentifiers(found);
  if (count > 1) refuse(path, "at most one of mbox, mbox_sha1sum, openid and account");
  if (count === 0 && (!Array.isArray(found.member) || found.member.length === 0)) {
    refuse(`${path}.member`, "the members of a group without an identifier");
  }
};

/** An agent or a group. */
export const identified: Check = (value, path) => {
  (isObject(value) && value.objectType === "Group" ? group : agent)(value, path);
};

/** Who vouches: an agent, or a group of two (an application and who uses it). */
export const authority: Check = (value, path) => {
  identified(value, path);
  const { objectType, member } = value as JsonObject;
  if (objectType !== "Group") return;
  if (countIdentifiers(value as JsonObject) > 0 || (member as unknown[]).length !== 2) {
    refuse(path, "an agent, or a group of two members without an identifier");
  }
};

/** An agent's identifier as one text; undefined for a group without one. */
export function identifierOf(value: JsonObject): string | undefined {
  if (typeof value.mbox === "string") return `mbox:${value.mbox.replace(/^mailto:/i, "mailto:").toLowerCase()}`;
  if (typeof value.mbox_sha1sum === "string") return `mbox_sha1sum:${value.mbox_sha1sum.toLowerCase()}`;
  if (typeof value.openid === "string") return `openid:${value.openid}`;
  if (!isObject(value.account)) return undefined;
  return `account:${JSON.stringify([value.account.homePage, value.account.name])}`;
}

/** What stands for an identifier outside of the statement's own document: a hash, since an address is a person's. */
export function agentHash(identifier: string): string {
  return createHash("sha256").update(identifier).digest("hex").slice(0, 32);
}
