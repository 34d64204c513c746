import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { connectDatabase, migrateDatabase } from "../../src/records/database.ts";
import { documentOf, freshHome, runCairn } from "../e2e/cairn-process.ts";
import { school } from "../engine/alerts/school.ts";
import { cleanUp, query } from "../records/import/deliveries.ts";
import { openEmptyDatabase } from "../support/database.ts";

cleanUp();

let environment: Record<string, string>;
let home: string;
let tenantId: string;
let teacher: string;
beforeAll(async () => {
  home = await freshHome();
  const empty = await openEmptyDatabase();
  environment = { CAIRN_HOME: home, DATABASE_URL: empty.url };
  const database = connectDatabase(empty.url, { maxConnections: 2 });
  await migrateDatabase(database);
  tenantId = await school(database);
  teacher = (
    await query<{ id: string }>(database, tenantId, "select person_id as id from person where given_name = 'Tess'")
  )[0]!.id;
  return async () => {
    await database.close();
    await empty.drop();
  };
});

const run = (...args: string[]) => runCairn(["alerts", ...args, "--tenant", tenantId, "--json"], environment);
const answer = async <T>(...args: string[]): Promise<T> => documentOf<T>(await run(...args));

test("the office sets rules, makes a teacher's key, and looks for alerts now and from now on", async () => {
  const file = join(home, "rules.json");
  await writeFile(file, JSON.stringify({ absences: { absences: 2 } }));
  expect(await answer("rules")).toMatchObject({ version: null });
  expect(await answer("rules", file, "--by", "board")).toMatchObject({
    version: 1,
    decidedBy: "board",
    rules: { absences: { absences: 2, withinDays: 14 } },
  });
  await writeFile(file, JSON.stringify({ absences: { absences: -2 } }));
  const refused = await run("rules", file);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    error: { code: "BAD_INPUT", message: expect.stringContaining("absences.absences") },
  });
  expect((await answer<{ key: string }>("key", teacher)).key).toMatch(/^cairn_/);
  expect(await answer("check", "--every", "15")).toEqual({
    raised: { "wrong-answers": 0, absences: 0, "declining-effort": 0, "capacity-line": 0, "silent-source": 0 },
    messages: 0,
  });
});

test("an address is told, listed without its secret, and told no more", async () => {
  const { webhookId, secret } = await answer<{ webhookId: string; secret: string }>("tell", "https://example.org/hook");
  const listed = await run("told");
  expect(documentOf(listed)).toMatchObject({
    webhooks: [{ webhookId, url: "https://example.org/hook", createdBy: "the office" }],
  });
  expect(listed.stdout).not.toContain(secret);
  await answer("untell", webhookId);
  expect(await answer("told")).toEqual({ webhooks: [] });
  expect(await answer("dead")).toEqual({ letters: [] });
});
