import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { cleanUp, roster, unpacked } from "../records/import/deliveries.ts";
import { openEmptyDatabase } from "../support/database.ts";
import { documentOf, freshHome, runCairn } from "./cairn-process.ts";

/** Madeline's transfer as two registrars do it, by the built command line: two homes, two districts, one zip between them. */
cleanUp();

let database: { url: string; drop(): Promise<void> };
const homes: Record<string, string> = {};
beforeAll(async () => {
  database = await openEmptyDatabase();
  for (const district of ["westfield", "northgate"]) homes[district] = await freshHome();
  return () => database.drop();
});

/** Runs a command of one district. */
async function at<T>(district: string, ...args: string[]): Promise<T> {
  const environment = { CAIRN_HOME: homes[district]!, DATABASE_URL: database.url };
  return documentOf<T>(await runCairn([...args, "--tenant", district, "--json"], environment));
}

test("a badge is awarded, the Backpack goes out signed, and comes in certified once its district is trusted", async () => {
  await at("westfield", "import", "oneroster", await unpacked(roster()));
  const key = await at<{ district: string; current: string }>("westfield", "credential", "key");
  expect(key.current).toBe(key.district);
  const badge = await at<{ id: string }>(
    "westfield",
    ...[
      "credential",
      "award",
      "--student",
      "1001",
      "--title",
      "Comparing fractions",
      "--description",
      "Compares fractions",
    ],
    ...["--criteria", "Four of five", "--standard", "4.NF.A.2", "--on", "2025-06-01"],
  );
  const zip = join(homes.westfield!, "backpack.zip");
  const out = [
    "backpack",
    "export",
    zip,
    "--student",
    "1001",
    "--for",
    "district",
    "--party",
    "Northgate",
    "--by",
    "clerk",
  ];
  const exported = await at<{ issuer: string; credentials: number; files: string[] }>("westfield", ...out);
  expect(exported).toMatchObject({ issuer: key.district, credentials: 3 });
  expect(exported.files).toContain("backpack.html");

  const dry = await at<{ standing: string; report: { dryRun: boolean } }>(
    "northgate",
    "backpack",
    "import",
    zip,
    "--dry-run",
  );
  expect(dry).toMatchObject({ standing: "contributed", report: { dryRun: true } });
  await at("northgate", "credential", "trust", key.district, "--by", "registrar");
  const arrived = await at<{ standing: string; person: { how: string } }>("northgate", "backpack", "import", zip);
  expect(arrived).toMatchObject({ standing: "certified", person: { how: "new" } });

  // The badge by itself: anybody can verify it, and as one of a trusted issuer it is imported.
  const file = join(homes.northgate!, "badge.json");
  await writeFile(file, JSON.stringify(badge));
  const environment = { CAIRN_HOME: homes.northgate! };
  const verify = async (...options: string[]) => {
    const run = await runCairn(["credential", "verify", file, ...options, "--json"], environment);
    return documentOf<{ certifies: boolean; status: { outcome: string } }>(run);
  };
  // Without the list nobody knows whether the badge was taken back.
  expect((await verify()).certifies).toBe(false);
  const lists = join(homes.westfield!, "lists");
  const published = await at<{ address: string; path: string }[]>(
    "westfield",
    "credential",
    "status-list",
    "--out",
    lists,
  );
  const list = ["--status-list", `${published[0]!.address}=${published[0]!.path}`];
  expect((await verify(...list)).certifies).toBe(true);
  await at("northgate", "import", "oneroster", await unpacked(roster()));
  const taken = await at<{ files: object[] }>("northgate", "import", "credentials", file, "--student", "1002", ...list);
  expect(taken.files).toMatchObject([{ rows: 1, new: 1, refused: 0 }]);

  // Taken back, and published anew: the same badge says so to everybody.
  await at("westfield", "credential", "revoke", badge.id, "--reason", "awarded by mistake", "--by", "registrar");
  await at("westfield", "credential", "status-list", "--out", lists);
  const revoked = await runCairn(["credential", "verify", file, ...list, "--json"], environment);
  expect(revoked.code).toBe(1); // a script sees it as well
  expect(JSON.parse(revoked.stdout)).toMatchObject({ certifies: false, status: { outcome: "failed" } });

  // A Backpack that somebody improved on the way is refused, and the message says what is wrong.
  const folder = join(homes.northgate!, "changed");
  await mkdir(folder);
  await writeFile(join(folder, "backpack.json"), (await readFile(file, "utf8")).replace("Comparing", "Mastering"));
  const refused = await runCairn(["backpack", "import", folder, "--tenant", "northgate", "--json"], {
    ...environment,
    DATABASE_URL: database.url,
  });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/expected a Backpack as it was signed, got one that was changed: its signature fails/);
}, 240_000);
