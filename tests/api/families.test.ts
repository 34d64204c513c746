import { Writable } from "node:stream";
import { from } from "@digitalbazaar/ed25519-multikey";
import { pino } from "pino";
import { beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowed } from "../../src/api/auth.ts";
import {
  casesSchema,
  choicesSchema,
  disclosuresSchema,
  exportSchema,
  receiptSchema,
  recordSchema,
} from "../../src/api/routes/families/schemas.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { readForReader } from "../../src/engine/families/rights.ts";
import { useCairn } from "../engine/district.ts";
import type { FamilyDistrict } from "../records/family.ts";
import { familyDistrict } from "../records/family.ts";
import { cleanUp } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

let here: FamilyDistrict;
let keys: Record<"parent" | "learner" | "operator" | "counselor" | "stranger", string>;
beforeAll(async () => {
  here = await familyDistrict(cairn().database);
  const { tenantId } = here;
  keys = {
    parent: await createKey(cairn(), tenantId, "family", "parent", here.parent),
    learner: await createKey(cairn(), tenantId, "family", "learner", here.ada),
    stranger: await createKey(cairn(), tenantId, "family", "teacher as parent", here.teacher),
    operator: await createKey(cairn(), tenantId, "operator", "office"),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
  };
});

const lines: string[] = [];
const sink = new Writable({
  write(chunk, _, done) {
    lines.push(String(chunk));
    done();
  },
});
const app = () => createApp(cairn(), { version: "1", log: pino({ level: "trace" }, sink) });

async function call(who: keyof typeof keys, route: string, body?: unknown): Promise<{ status: number; text: string }> {
  const [method, path] = route.split(" ") as [string, string];
  const response = await app().request(path, {
    method,
    headers: { authorization: `Bearer ${keys[who]}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  return { status: response.status, text: await response.text() };
}

const json = async (who: keyof typeof keys, route: string, body?: unknown): Promise<unknown> => {
  const { status, text } = await call(who, route, body);
  expect({ route, status, text: status === 200 ? "" : text }).toEqual({ route, status: 200, text: "" });
  return JSON.parse(text);
};

const choice = {
  purpose: "sharing",
  decision: "permit",
  party: "Tutor Inc",
  dataClasses: ["practice"],
  authentication: "code by mail",
};
const tutor = { requester: "tutor-7", party: "Tutor Inc", purpose: "sharing", interest: "tutoring" } as const;
const office = () => ({ tenantId: here.tenantId, recordedBy: "office" });

test("every route of the families lets in the roles of the table and nobody else, and asks for the key first", async () => {
  const routes = Object.entries(allowed).filter(([route]) => route.includes("/v1/families/"));
  expect(routes.length).toBeGreaterThan(12);
  for (const [route, roles] of routes) {
    const [method, pattern] = route.split(" ") as [string, string];
    const path = pattern.replace("{learner}", "4711").replace("{caseId}", "none").replace("{key}", "none");
    expect((await app().request(path, { method })).status, route).toBe(401);
    for (const [who, role] of [
      ["parent", "family"],
      ["operator", "operator"],
      ["counselor", "counselor"],
    ] as const) {
      const { status } = await call(who, `${method} ${path}`);
      if ((roles as readonly string[]).includes(role)) expect([200, 404, 422], `${route} ${role}`).toContain(status);
      else expect(status, `${route} ${role}`).toBe(403);
    }
  }
});

test("a family's key opens its own children and nobody else: another child and no child look alike", async () => {
  expect(await json("parent", "GET /v1/families/learners")).toEqual({
    learners: [{ learner: "1001", givenName: "Ada", familyName: "Quillfeather" }],
  });
  expect(await json("stranger", "GET /v1/families/learners")).toEqual({ learners: [] });
  // Ada is not 18: her own key opens nothing yet.
  expect(await json("learner", "GET /v1/families/learners")).toEqual({ learners: [] });
  const answers = await Promise.all(
    ["1002", "4711"].map((number) => call("parent", `GET /v1/families/${number}/disclosures`)),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  expect(answers[0]!.text).toBe(answers[1]!.text);
  for (const who of ["stranger", "learner"] as const) {
    expect((await call(who, "GET /v1/families/1001/export")).status).toBe(404);
    expect((await call(who, "POST /v1/families/1001/choices", choice)).status).toBe(404);
  }
});

describe("the page of switches", () => {
  test("each purpose says whose choice it is, on what basis, in a plain sentence", async () => {
    const { choices } = choicesSchema.parse(await json("parent", "GET /v1/families/1001/choices"));
    const labels = Object.fromEntries(choices.map(({ purpose, label, yours }) => [purpose, [label, yours]]));
    expect(labels).toEqual({
      "school-use": ["the school's own use", false],
      "early-warning": ["the school's own use", true],
      playlist: ["the school's own use", true],
      study: ["the school's own use", true],
      audit: ["the school's own use", false],
      sharing: ["your choice", true],
      directory: ["your choice", true],
      transfer: ["the school's own use", false],
    });
    for (const { sentence, legalBasis } of choices) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(legalBasis).toContain("34 CFR");
    }
  });

  test("a switch turned is read at once: preview and reading agree byte for byte; withdrawn, the next read is refused", async () => {
    const body = { party: "Tutor Inc", requester: "tutor-7", purpose: "sharing" };
    const read = () => readForReader(cairn(), office(), "1001", tutor);
    await expect(read()).rejects.toMatchObject({ code: "FORBIDDEN" });
    const receipt = receiptSchema.parse(await json("parent", "POST /v1/families/1001/choices", choice));
    const shown = await call("parent", "POST /v1/families/1001/preview", body);
    expect(recordSchema.parse(JSON.parse(shown.text)).records.item_response).toHaveLength(1);
    expect(await read()).toBe(shown.text);
    const page = choicesSchema.parse(await json("parent", "GET /v1/families/1001/choices"));
    const audience = page.choices
      .find(({ purpose }) => purpose === "sharing")!
      .audiences.find(({ party }) => party === "Tutor Inc");
    expect(audience?.allowed).toMatchObject({ practice: true, attendance: false });
    const path = `POST /v1/families/1001/choices/${encodeURIComponent(receipt.key)}/withdraw`;
    expect((await call("operator", path.replace("1001", "1002"))).status).toBe(404);
    await json("parent", path);
    await expect(read()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await call("parent", path)).status).toBe(404);
    const { disclosures } = disclosuresSchema.parse(await json("parent", "GET /v1/families/1001/disclosures"));
    const lately = disclosures.filter(({ dataClasses }) => dataClasses.includes("practice"));
    expect(lately.map(({ outcome }) => outcome)).toEqual(["refused", "disclosed", "refused"]);
  });

  test("the receipt is signed with the district's key, and a changed byte shows", async () => {
    const made = receiptSchema.parse(await json("parent", "POST /v1/families/1001/choices", choice));
    const { verificationMethod, value } = made.signature!;
    const publicKeyMultibase = verificationMethod.split("#")[1]!;
    const key = await from({
      type: "Multikey",
      id: verificationMethod,
      controller: verificationMethod.split("#")[0]!,
      publicKeyMultibase,
    });
    const verifier = (key as unknown as { verifier(): { verify(asked: object): Promise<boolean> } }).verifier();
    const signature = Buffer.from(value, "base64url");
    expect(await verifier.verify({ data: Buffer.from(made.receipt), signature })).toBe(true);
    const changed = made.receipt.replace("Tutor Inc", "Tutor Inq");
    expect(await verifier.verify({ data: Buffer.from(changed), signature })).toBe(false);
    expect(made.lines.join(" ")).toContain("You said yes.");
    expect(made.html).toMatch(/^<!doctype html>/);
  });

  test("a switch without a party, a signature or a purpose is refused; the school's own use cannot be switched", async () => {
    for (const fault of [
      { party: null },
      { authentication: "" },
      { purpose: "everything" },
      { dataClasses: ["all"] },
    ]) {
      expect((await call("parent", "POST /v1/families/1001/choices", { ...choice, ...fault })).status).toBe(422);
    }
    const own = { ...choice, purpose: "school-use", decision: "deny" };
    expect((await call("parent", "POST /v1/families/1001/choices", own)).status).toBe(409);
  });
});

test("a dispute, a refusal, a hearing and a statement by the routes; only the family states, only the school decides", async () => {
  const asked = { recordTable: "result", recordKey: "sis:q1", contested: "it was on time", request: "not late" };
  const { caseId } = (await json("parent", "POST /v1/families/1001/amendments", asked)) as { caseId: string };
  const steps = `POST /v1/families/cases/${encodeURIComponent(caseId)}/steps`;
  const statement = `POST /v1/families/1001/amendments/${encodeURIComponent(caseId)}/statement`;
  expect((await call("parent", statement, { text: "too early" })).status).toBe(409);
  const waiting = casesSchema.parse(await json("operator", "GET /v1/families/cases"));
  expect(waiting.amendments.map((one) => one.caseId)).toContain(caseId);
  await json("operator", steps, { step: "refused", text: "the date is right" });
  await json("operator", steps, { step: "hearing set", text: "Monday" });
  await json("operator", steps, { step: "refusal stands", text: "heard" });
  await json("parent", statement, { text: "We disagree." });
  const own = casesSchema.parse(await json("parent", "GET /v1/families/1001/cases"));
  expect(own.amendments.find((one) => one.caseId === caseId)?.state).toBe("stated");
});

test("CON-19: one call takes everything away: record, consents, disclosures, statements, cases", async () => {
  const { caseId } = (await json("parent", "POST /v1/families/1001/access-requests")) as { caseId: string };
  const found = exportSchema.parse(await json("parent", "GET /v1/families/1001/export"));
  expect(Object.keys(found.record.records)).toEqual(
    expect.arrayContaining(["person", "result", "attendance_event", "item_response", "support", "guardianship"]),
  );
  expect(found.record.withheld).toEqual([]);
  expect(JSON.stringify(found.record.records.result)).toContain("We disagree.");
  expect(found.consents.map(({ decision }) => decision)).toContain("withdrawn");
  expect(found.disclosures.map(({ outcome }) => outcome)).toContain("refused");
  expect(found.amendments).toHaveLength(1);
  expect(found.accessRequests.map((one) => [one.caseId, one.clock])).toEqual([[caseId, "open"]]);
  await json("operator", `POST /v1/families/cases/${encodeURIComponent(caseId)}/answer`, { text: "copy sent" });
  const later = casesSchema.parse(await json("parent", "GET /v1/families/1001/cases"));
  expect(later.accessRequests[0]?.clock).toBe("answered");
});

test("the directory opt-out shows on the page of switches", async () => {
  await json("parent", "POST /v1/families/1001/directory-opt-out", { schoolYear: 2026 });
  const { choices } = choicesSchema.parse(await json("parent", "GET /v1/families/1001/choices"));
  const directory = choices.find(({ purpose }) => purpose === "directory")!;
  expect(directory.audiences[0]!.allowed.identity).toBe(false); // the clock of these tests is December 2025
});

test("no line of the log holds a name, a number or a word of what was asked", () => {
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.join("")).not.toMatch(/Quillfeather|1001|Tutor|We disagree|on time/);
});
