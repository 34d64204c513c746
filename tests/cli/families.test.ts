import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { connectDatabase, migrateDatabase } from "../../src/records/database.ts";
import { documentOf, freshHome, runCairn } from "../e2e/cairn-process.ts";
import type { FamilyDistrict } from "../records/family.ts";
import { familyDistrict } from "../records/family.ts";
import { cleanUp } from "../records/import/deliveries.ts";
import { openEmptyDatabase } from "../support/database.ts";

cleanUp();

let environment: Record<string, string>;
let home: string;
let here: FamilyDistrict;
beforeAll(async () => {
  home = await freshHome();
  const empty = await openEmptyDatabase();
  environment = { CAIRN_HOME: home, DATABASE_URL: empty.url };
  const database = connectDatabase(empty.url, { maxConnections: 2 });
  await migrateDatabase(database);
  here = await familyDistrict(database);
  return async () => {
    await database.close();
    await empty.drop();
  };
});

/** The document of a command of the office. */
const answer = async <T>(...args: string[]): Promise<T> =>
  documentOf<T>(await runCairn([...args, "--tenant", here.tenantId, "--json"], environment));

/** The code of a command that must fail. */
const refusal = async (...args: string[]): Promise<string> => {
  const { code, stdout } = await runCairn([...args, "--tenant", here.tenantId, "--json"], environment);
  expect(code).toBe(1);
  return (JSON.parse(stdout) as { error: { code: string } }).error.code;
};

const reader = ["--party", "Tutor Inc", "--purpose", "sharing", "--interest", "tutoring"];

test("a paper form opens sharing, its withdrawal closes it, and the record of disclosures shows both reads", async () => {
  expect(await refusal("disclosures", "read", "1001", ...reader)).toBe("FORBIDDEN");
  const form = ["--purpose", "sharing", "--decision", "permit", "--party", "Tutor Inc", "--kinds", "practice"];
  const signature = ["--signature", "signed at the office, seen by hand"];
  const { key, lines } = await answer<{ key: string; lines: string[] }>(
    "consent",
    "record",
    "1001",
    ...form,
    ...signature,
  );
  expect(lines.join(" ")).toContain("You said yes.");
  const preview = await answer<object>("consent", "preview", "1001", ...reader);
  expect(await answer<object>("disclosures", "read", "1001", ...reader)).toEqual(preview);
  await answer("consent", "withdraw", "1001", key);
  expect(await refusal("disclosures", "read", "1001", ...reader)).toBe("FORBIDDEN");
  const logged = await answer<{ outcome: string; dataClasses: string[] }[]>("disclosures", "list", "1001");
  const practice = logged.filter(({ dataClasses }) => dataClasses.includes("practice"));
  expect(practice.map(({ outcome }) => outcome)).toEqual(["refused", "disclosed", "refused"]);
  const page = await answer<{ history: { decision: string }[] }>("consent", "list", "1001");
  expect(page.history.map(({ decision }) => decision)).toEqual(["permit", "withdrawn"]);
}, 120_000);

test("an agreement from a file lets a study have its snapshot; without one there is none", async () => {
  const study = ["snapshot", "--purpose", "study", "--as-of", "2025-03-01", "--party", "State University"];
  const asked = [...study, "--requester", "Dr. Reed", "--interest", "tutoring", "--agreement", "irb-12"];
  expect(await refusal(...asked)).toBe("FORBIDDEN");
  const file = join(home, "agreement.json");
  const agreement = {
    agreementId: "irb-12",
    kind: "study",
    party: "State University",
    purpose: "does tutoring help",
    scope: "grades 6 to 8",
    dataClasses: ["enrolment", "attendance"],
    representatives: ["Dr. Reed"],
    redisclosureTerms: "none",
    beginsOn: "2020-01-01",
    endsOn: "2199-12-31",
    destroyBy: "2200-03-31",
    signedBy: "superintendent",
  };
  await writeFile(file, JSON.stringify({ ...agreement, scope: undefined, extra: 1 }));
  expect(await refusal("disclosures", "agree", file)).toBe("BAD_INPUT");
  await writeFile(file, JSON.stringify(agreement));
  await answer("disclosures", "agree", file);
  const manifest = await answer<{ recipient: { agreement: object } }>(...asked);
  expect(manifest.recipient.agreement).toEqual({
    agreementId: "irb-12",
    endsOn: "2199-12-31",
    destroyBy: "2200-03-31",
  });
  await answer("disclosures", "destroyed", "irb-12", "--proof", "letter");
  const found = await answer<{ state: string }[]>("disclosures", "agreements");
  expect(found.map(({ state }) => state)).toEqual(["closed"]);
  const { destroyed } = await answer<{ destroyed: object[] }>("erase", "snapshots", "--destroy");
  expect(destroyed).toHaveLength(1);
}, 120_000);

test("two persons are linked and unlinked, a table has its rule, a learner is erased", async () => {
  const pair = ["identity", "link", here.ada, here.ben, "--reason", "one child"];
  const { linkId } = await answer<{ linkId: number }>(...pair);
  await answer("identity", "unlink", String(linkId), "--reason", "two after all");
  expect(await answer<object[]>("identity", "trail", here.ada)).toHaveLength(2);
  await answer("retention", "set", "item_response", "--days", "1", "--basis", "board policy 7");
  expect(await answer("retention", "run")).toEqual({ item_response: 2 });
  const { key } = await answer<{ key: string }>("consent", "key", here.parent);
  expect(key).toMatch(/^cairn_/);
  expect(await refusal("rights", "days", "46")).toBe("BAD_INPUT");
  await answer("rights", "days", "30");
  await answer("rights", "directory", "1001", "2027");
  expect(await answer("rights", "cases")).toEqual({ amendments: [], accessRequests: [], numbers: {} });
  const { certificate } = await answer<{ certificate: { rows: Record<string, number> } }>(
    "erase",
    "learner",
    "1001",
    "--cause",
    "the family asked",
  );
  expect(certificate.rows).toMatchObject({ person: 1, directory_opt_out: 1 });
  expect(await refusal("consent", "list", "1001")).toBe("NOT_FOUND");
  expect((await answer<object[]>("erase", "certificates")).length).toBeGreaterThan(1);
}, 120_000);
