import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueAchievement, issueRecord } from "../../../src/records/credentials/issue.ts";
import type { JsonObject } from "../../../src/records/credentials/json.ts";
import { openSigningKeys, rotateSigningKey } from "../../../src/records/credentials/signing-keys.ts";
import { decideIssuer } from "../../../src/records/credentials/trust.ts";
import { createTenant, inTenant } from "../../../src/records/database.ts";
import type { Backpack } from "../../../src/records/export/backpack/export.ts";
import { makeBackpack, writeBackpack } from "../../../src/records/export/backpack/export.ts";
import type { BackpackImport } from "../../../src/records/import/backpack/import.ts";
import { importBackpack } from "../../../src/records/import/backpack/import.ts";
import { useDatabase } from "../../support/database.ts";
import "../../support/services.ts";
import { anyRecord, writeRows } from "./any-record.ts";

const database = useDatabase();
const now = new Date("2026-06-10T08:00:00Z");
const later = new Date("2026-06-11T08:00:00Z");

let keysFolder = "";
let scratch = "";
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "cairn-backpack-"));
  keysFolder = join(scratch, "keys");
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let count = 0;
async function district(name = "district"): Promise<string> {
  count += 1;
  const id = `${name}-${count}`;
  await createTenant(database(), { id, name: `The ${id}` });
  return id;
}

async function trust(tenantId: string, other: string): Promise<void> {
  const { current, district: authority } = await openSigningKeys(keysFolder, other, now);
  const decision = { issuer: current.controller, authority, standing: "certified" } as const;
  await inTenant(database(), tenantId, (tx) => decideIssuer(tx, decision, { decidedBy: "registrar", now }));
}

const exported = (tenantId: string, personId: string): Promise<Backpack> =>
  makeBackpack(database(), {
    tenantId,
    personId,
    keysFolder,
    now,
    audience: "district",
    requester: "registrar",
    party: "the next district",
  });

async function written(backpack: Backpack): Promise<string> {
  count += 1;
  const path = join(scratch, `backpack-${count}.zip`);
  await writeBackpack(backpack, path);
  return path;
}

const imported = (tenantId: string, path: string): Promise<BackpackImport> =>
  importBackpack(database(), { tenantId, path, keysFolder, receivedAt: later });

/** Everything a Backpack says, without what differs between two districts: receipt, batch and how it was verified. */
function content(backpack: Backpack): unknown {
  const record = JSON.parse(backpack.files.get("backpack.json")!).credentialSubject.learnerRecord;
  const profile = JSON.parse(backpack.files.get("profile.json")!);
  const bare = (tables: Record<string, Record<string, unknown>[]>): unknown =>
    Object.fromEntries(
      Object.entries(tables).map(([name, rows]) => [
        name,
        rows
          .map(({ batch_id, received_at, verification, ...row }) => JSON.stringify(row, Object.keys(row).sort()))
          .sort(),
      ]),
    );
  return { certified: bare(record.tables), profile: bare(profile.tables) };
}

async function counts(tenantId: string): Promise<unknown> {
  return inTenant(database(), tenantId, ({ sql }) =>
    sql.unsafe(
      "select (select count(*) from person)::int as p, (select count(*) from result)::int as r, (select count(*) from org)::int as o",
    ),
  );
}

test("nothing is lost: what one district exports, the next exports again, whatever the record holds", async () => {
  await fc.assert(
    fc.asyncProperty(anyRecord, async (rows) => {
      const [a, b] = [await district("a"), await district("b")];
      await writeRows(database(), a, "learner", rows);
      await trust(b, a);
      const first = await exported(a, "learner");
      const arrived = await imported(b, await written(first));
      expect(arrived).toMatchObject({ standing: "certified", person: { how: "new" }, report: { refusals: [] } });
      const again = await exported(b, arrived.person.personId);
      expect(content(again)).toEqual(content(first));
      const before = await counts(b);
      const twice = await imported(b, await written(first));
      expect(twice.person).toMatchObject({ personId: arrived.person.personId, how: "known" });
      expect(twice.report.files.every(({ rows: all, unchanged }) => all === unchanged)).toBe(true);
      expect(await counts(b)).toEqual(before);
    }),
    { numRuns: 15 },
  );
}, 300_000);

const small = {
  person: [
    {
      record_key: "sis:u1",
      content_hash: "p",
      class: "certified",
      authority: "a",
      source_record_id: "u1",
      known_on: "2025-01-01",
      received_at: "2025-01-01T00:00:00Z",
      given_name: "Madeline",
      family_name: "Quill",
    },
  ],
  identifier: [
    {
      record_key: "sis:i1",
      content_hash: "i",
      class: "certified",
      authority: "a",
      source_record_id: "i1",
      known_on: "2025-01-01",
      received_at: "2025-01-01T00:00:00Z",
      system: "district",
      value: "1001",
    },
    {
      record_key: "sis:i2",
      content_hash: "j",
      class: "certified",
      authority: "a",
      source_record_id: "i2",
      known_on: "2025-01-01",
      received_at: "2025-01-01T00:00:00Z",
      system: "state",
      value: "S-77",
    },
  ],
  demographics: [
    {
      record_key: "sis:d1",
      content_hash: "d",
      class: "certified",
      authority: "a",
      source_record_id: "d1",
      known_on: "2025-01-01",
      received_at: "2025-01-01T00:00:00Z",
      birth_date: "2012-02-29",
    },
  ],
  narrative: [
    {
      record_key: "flat:n1",
      content_hash: "n",
      class: "contributed",
      authority: "a",
      source_record_id: "n1",
      known_on: "2025-02-01",
      received_at: "2025-02-01T00:00:00Z",
      narrative: "n1",
      kind: "asset",
      text: '=HYPERLINK("x")',
      on_date: "2025-02-01",
    },
  ],
} as const;

async function madeline(): Promise<string> {
  const a = await district("a");
  await writeRows(database(), a, "learner", small);
  return a;
}

const rowsOf = (tenantId: string, query: string): Promise<Record<string, unknown>[]> =>
  inTenant(database(), tenantId, async ({ sql }) => (await sql.unsafe(query)).map((row) => ({ ...row })));

test("a record arrives certified by its own authority, with the signature and its way as provenance", async () => {
  const [a, b] = [await madeline(), await district("b")];
  await trust(b, a);
  const { person } = await imported(b, await written(await exported(a, "learner")));
  const [row] = await rowsOf(
    b,
    "select class, authority, record_key, known_on::text, person_id, verification from person",
  );
  const { district: did } = await openSigningKeys(keysFolder, a, now);
  expect(row).toMatchObject({
    class: "certified",
    authority: `${did}#a`,
    record_key: `${did}|sis:u1`,
    known_on: "2025-01-01",
    person_id: person.personId,
    verification: {
      kind: "signature",
      result: "verified",
      issuer: did,
      proofType: "DataIntegrityProof eddsa-rdfc-2022",
    },
  });
  expect(await rowsOf(b, "select class from narrative")).toEqual([{ class: "contributed" }]);
  // The other district's own number must not be taken for one of ours.
  expect(await rowsOf(b, "select system from identifier order by system")).toEqual([
    { system: `district@${did}` },
    { system: "state" },
  ]);
});

test("the learner is found by the state's number when a name agrees, and not otherwise", async () => {
  const a = await madeline();
  const path = await written(await exported(a, "learner"));
  for (const [changes, how] of [
    [{ family_name: "QUILL" }, "matched"],
    [{ given_name: "Bo", family_name: "Ostrowski" }, "new"],
    [{ birth_date: "2011-01-01" }, "new"],
  ] as const) {
    const b = await district("b");
    await trust(b, a);
    const { birth_date: born = "2012-02-29", ...names } = changes as Record<string, string>;
    await writeRows(database(), b, "here", {
      person: [{ ...small.person[0], ...names }],
      identifier: [small.identifier[1]],
      demographics: [{ ...small.demographics[0], birth_date: born }],
    });
    const { person } = await imported(b, path);
    expect([how, person.how, person.contested]).toEqual([how, how, how === "new"]);
    // Whoever was here keeps the number: rosters of this district must go on finding one person by it.
    expect(await rowsOf(b, "select distinct person_id from identifier where system = 'state'")).toEqual([
      { person_id: "here" },
    ]);
    expect(person.personId === "here").toBe(how === "matched");
  }
});

test("from a district that is not trusted nothing arrives certified, and no child here is touched", async () => {
  const [a, b] = [await madeline(), await district("b")];
  await writeRows(database(), b, "here", { person: small.person, identifier: [small.identifier[1]] });
  const path = await written(await exported(a, "learner"));
  const first = await imported(b, path);
  expect(first).toMatchObject({ standing: "contributed", person: { how: "new" }, report: { standing: "contributed" } });
  expect(first.reason).toMatch(/not decided to trust/);
  const mine = await rowsOf(b, "select distinct person_id, class from person order by class");
  expect(mine).toEqual([
    { person_id: "here", class: "certified" },
    { person_id: first.person.personId, class: "contributed" },
  ]);
  expect(await rowsOf(b, "select 1 from identifier where system = 'state' and class <> 'certified'")).toEqual([]);
  // Trusted later, the same Backpack is certified: the contributed versions are superseded, not doubled.
  await trust(b, a);
  const second = await imported(b, path);
  expect(second).toMatchObject({ standing: "certified", person: { personId: "here", how: "matched" } });
  const latest = `select distinct on (record_key) class from demographics order by record_key, known_on desc, version_id desc`;
  expect(await rowsOf(b, latest)).toEqual([{ class: "certified" }]);
  // And somebody who cannot certify does not take it back.
  await inTenant(database(), b, async (tx) => {
    const { current, district: authority } = await openSigningKeys(keysFolder, a, now);
    await decideIssuer(
      tx,
      { issuer: current.controller, authority, standing: "contributed" },
      { decidedBy: "registrar", now },
    );
  });
  await imported(b, path);
  expect(await rowsOf(b, latest)).toEqual([{ class: "certified" }]);
});

test("a Backpack that was changed is refused whole, and the error says how", async () => {
  const [a, b] = [await madeline(), await district("b")];
  await trust(b, a);
  const { files } = await exported(a, "learner");
  const tampered = (name: string, from: string, to: string): Map<string, string> => {
    expect(files.get(name)).toContain(from);
    return new Map([...files, [name, files.get(name)!.replace(from, to)]]);
  };
  for (const [changed, reason] of [
    [tampered("backpack.json", '"Quill"', '"Quilt"'), /its signature fails/],
    [tampered("backpack.json", '"certified"', '"contributed"'), /its signature fails/],
    [tampered("profile.json", "asset", "challenge"), /profile.json is not the file the signature names/],
  ] as const) {
    count += 1;
    const folder = join(scratch, `changed-${count}`);
    await mkdir(folder);
    for (const [name, content] of changed) await writeFile(join(folder, name), content);
    await expect(imported(b, folder)).rejects.toThrow(reason);
  }
  expect(await counts(b)).toEqual([{ p: 0, r: 0, o: 0 }]);
});

test("a district cannot speak for another, and cannot change what another certified", async () => {
  const [a, liar, b] = [await madeline(), await district("liar"), await district("b")];
  await trust(b, a);
  await trust(b, liar);
  await imported(b, await written(await exported(a, "learner")));
  // The liar takes the record in, certified by A, and passes on another family name under A's key.
  await trust(liar, a);
  const there = await imported(liar, await written(await exported(a, "learner")));
  const { district: did } = await openSigningKeys(keysFolder, a, now);
  await writeRows(database(), liar, there.person.personId, {
    person: [
      {
        ...small.person[0],
        record_key: `${did}|sis:u1`,
        authority: `${did}#a`,
        content_hash: "other",
        family_name: "Changed",
        known_on: "2025-06-01",
      },
    ],
  });
  const { report } = await imported(b, await written(await exported(liar, there.person.personId)));
  expect(report.refusals).toMatchObject([{ code: "DUPLICATE", reason: expect.stringMatching(/another sender/) }]);
  expect(await rowsOf(b, "select family_name from person")).toEqual([{ family_name: "Quill" }]);
});

test("a new key of a trusted district counts once the registrar says whose it is, and the records are the same ones", async () => {
  const [a, b] = [await madeline(), await district("b")];
  await trust(b, a);
  const first = await imported(b, await written(await exported(a, "learner")));
  const rotated = await rotateSigningKey(keysFolder, a, later);
  const path = await written(await exported(a, "learner"));
  expect(await imported(b, path)).toMatchObject({
    standing: "contributed",
    reason: expect.stringMatching(/not decided to trust/),
  });
  const decide = (authority: string): Promise<void> =>
    inTenant(database(), b, (tx) =>
      decideIssuer(
        tx,
        { issuer: rotated.current.controller, authority, standing: "certified" },
        { decidedBy: "registrar", now },
      ),
    );
  await decide("did:key:another-district");
  expect(await imported(b, path)).toMatchObject({
    standing: "contributed",
    reason: expect.stringMatching(/for another district/),
  });
  await decide(rotated.district);
  const known = await imported(b, path);
  expect(known).toMatchObject({ standing: "certified", person: { how: "known", personId: first.person.personId } });
  expect(known.report.files.every((file) => file.rows === file.unchanged)).toBe(true);
});

/** A Backpack as a dishonest or faulty district would sign it. */
async function signed(tenantId: string, tables: object, credentials: readonly JsonObject[] = []): Promise<string> {
  const keys = await openSigningKeys(keysFolder, tenantId, now);
  const issuer = { name: tenantId, keys };
  const member = {
    key: "m",
    achievementType: "Membership",
    title: "m",
    description: "m",
    criteria: "m",
    awardedOn: "2025-01-01",
  } as const;
  const record = {
    format: "cairn-backpack",
    version: 1,
    district: { id: keys.district, name: tenantId },
    exportedAt: now.toISOString(),
    tables,
    batches: {},
    profile: { file: "profile.json", sha256: "0".repeat(64) },
  };
  const held = [await issueAchievement(issuer, "urn:x:learner", member, now), ...credentials];
  count += 1;
  const path = join(scratch, `signed-${count}.json`);
  await writeFile(path, JSON.stringify(await issueRecord(issuer, "urn:x:learner", { credentials: held, record }, now)));
  return path;
}

test("rows under this district's own keys, or that fit no table, are refused whole although the signature is right", async () => {
  const [a, b] = [await district("a"), await district("b")];
  await trust(b, a);
  await writeRows(database(), b, "here", { person: small.person });
  const { district: did } = await openSigningKeys(keysFolder, a, now);
  const named = { ...small.person[0], authority: `${did}#a`, record_key: `${did}|sis:u1` };
  const refused: readonly (readonly [object, RegExp])[] = [
    [
      { person: [{ ...named, record_key: "sis:u1", family_name: "Forged" }] },
      /another form at tables.person.0.record_key/,
    ],
    [{ person: [{ ...named, authority: "b" }] }, /another form at tables.person.0.authority/],
    [
      { person: [named], attendance_event: [{ ...named, on_date: "someday", category: "absent" }] },
      /fit the table attendance_event/,
    ],
    [{ person: [{ ...named, class: "holy" }] }, /another form at tables.person.0.class/],
  ];
  for (const [tables, reason] of refused) await expect(imported(b, await signed(a, tables))).rejects.toThrow(reason);
  expect(await rowsOf(b, "select family_name from person")).toEqual([{ family_name: "Quill" }]);
  const later = await imported(b, await signed(a, { person: [{ ...named, shoe_size: 38 }], moods: [named] }));
  expect(later.report.leniencies.map(({ what }) => what)).toEqual([
    "what is not certified did not come along (profile.json is missing)",
    "a column that is not known here, left out: person.shoe_size",
    "a table that is not known here, left out: moods",
  ]);
});

test("a badge whose own signature is broken is not certified by being passed on", async () => {
  const [a, b] = [await district("a"), await district("b")];
  await trust(b, a);
  const keys = await openSigningKeys(keysFolder, a, now);
  const recognition = {
    key: "x",
    achievementType: "Badge",
    title: "Fractions",
    description: "f",
    criteria: "f",
    awardedOn: "2025-01-01",
  } as const;
  const badge = await issueAchievement({ name: "a", keys }, "urn:x:learner", recognition, now);
  const row = { ...small.person[0], authority: `${keys.district}#a`, kind: "badge", title: "Fractions" };
  const credential = [
    { ...row, record_key: `${keys.district}|c1`, content_hash: "1", credential: badge.id },
    { ...row, record_key: `${keys.district}|c2`, content_hash: "2", credential: "urn:x:another" },
  ];
  const person = [{ ...row, record_key: `${keys.district}|sis:u1` }];
  const arrived = await imported(b, await signed(a, { person, credential }, [{ ...badge, name: "Changed" }]));
  expect(arrived.standing).toBe("certified");
  expect(await rowsOf(b, "select class from credential order by record_key")).toEqual([
    { class: "contributed" },
    { class: "certified" },
  ]);
});

test("a district's own records coming home change nothing there", async () => {
  const [a, b] = [await madeline(), await district("b")];
  await trust(b, a);
  await trust(a, b);
  const there = await imported(b, await written(await exported(a, "learner")));
  await writeRows(database(), b, there.person.personId, {
    narrative: [{ ...small.narrative[0], record_key: "flat:n9", content_hash: "n9", narrative: "n9", authority: "b" }],
  });
  const home = await imported(a, await written(await exported(b, there.person.personId)));
  expect(home.person).toMatchObject({ personId: "learner", how: "known" });
  expect(await rowsOf(a, "select record_key from narrative order by version_id")).toMatchObject([
    { record_key: "flat:n1" },
    { record_key: expect.stringMatching(/^did:key:z6Mk\w+\|flat:n9$/) },
  ]);
  expect(await rowsOf(a, "select 1 as one from person")).toHaveLength(1);
});

test("what is no Backpack is refused with its reason", async () => {
  const b = await district("b");
  const path = (name: string): string => join(scratch, name);
  await writeFile(path("empty.json"), "");
  await writeFile(path("text.zip"), "not a zip");
  await writeFile(path("other.json"), JSON.stringify({ type: "VerifiableCredential" }));
  await expect(imported(b, path("empty.json"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  await expect(imported(b, path("text.zip"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  await expect(imported(b, path("none.zip"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  await expect(imported(b, path("other.json"))).rejects.toMatchObject({ code: "BAD_INPUT" });
});
