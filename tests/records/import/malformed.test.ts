import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { CairnError } from "../../../src/errors.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, roster, scratchFolder, unpacked, zipped } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
let tenantId: string;

beforeAll(async () => {
  tenantId = await district(database());
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt });
});

const takePackage = (path: string) => importOneRoster(database(), { tenantId, path, receivedAt, dryRun: true });

async function takeFlat(content: string | Buffer, dryRun = true): Promise<ImportReport> {
  const path = join(await scratchFolder(), "attendance.csv");
  await writeFile(path, content);
  return importFlat(database(), { tenantId, profile: "attendance", path, receivedAt, dryRun });
}

const head = "student_id,date,category,excused,reason";
const good = `${head}\n1001,2025-11-03,absent,true,flu\n1002,2025-11-03,tardy,,\n`;
const counts = (report: ImportReport) => report.files.map(({ file: _, ...rest }) => rest);

describe("a package that is no honest zip", () => {
  test("a truncated one, wherever it ends, is one error with a code", async () => {
    const whole = await zipped(roster());
    const { size } = await stat(whole);
    for (const end of [0, 1, 21, 30, Math.floor(size / 2), size - 22, size - 1]) {
      const path = join(await scratchFolder(), "cut.zip");
      await writeFile(path, (await readFile(whole)).subarray(0, end));
      await expect(takePackage(path), `cut at ${end}`).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    }
  });

  test("ten gigabytes of zeros made small are refused by their ratio before a byte is unpacked", async () => {
    const path = join(await scratchFolder(), "bomb.zip");
    const zip = new ZipFile();
    // What the zip says of itself is what the limits read: the same bomb is told by its declared size.
    zip.addReadStream(zeros(64 * 2 ** 20), "users.csv");
    zip.end();
    await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(path));
    await expect(takePackage(await declaring(path, 10 * 2 ** 30 - 1))).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
      message: expect.stringContaining("to 1"),
    });
    await expect(takePackage(path)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    // One that declares little and unpacks to much is caught while it unpacks.
    await expect(takePackage(await declaring(path, 1000))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });

  test("a zip in a zip is not opened; names that lead out of the folder lead nowhere", async () => {
    const inner = await readFile(await zipped({ "users.csv": "x".repeat(1000) }));
    const nested = await takePackage(await zipped({ ...roster(), "more.zip": inner }));
    expect(nested.files.some(({ file }) => file.includes("more"))).toBe(false);
    const folder = await scratchFolder();
    const path = join(folder, "evil.zip");
    const plain = await readFile(
      await zipped({ "aa/aa/aa/users.csv": "sourcedId,enabledUser\n", "orgs.csv": "sourcedId,name,type\n" }),
    );
    // yazl writes no such name itself, so it is put in afterwards, of the same length.
    await writeFile(path, Buffer.from(plain.toString("latin1").replaceAll("aa/aa/aa/", "../../../"), "latin1"));
    const before = await readdir(join(folder, ".."));
    await expect(takePackage(path)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    expect(await readdir(join(folder, ".."))).toEqual(before);
    await mkdir(join(folder, "users.csv"));
    await expect(takePackage(folder)).rejects.toBeInstanceOf(CairnError);
  });
});

describe("a file whose rows cannot all be read", () => {
  test.each<[string, string | Buffer, object, string[]]>([
    ["in UTF-16 with its mark", Buffer.from(`\ufeff${good}`, "utf16le"), { rows: 2, new: 2 }, ["read as UTF-16"]],
    ["in UTF-16 without it", Buffer.from(good, "utf16le"), { rows: 2, new: 2 }, ["read as UTF-16"]],
    [
      "in UTF-16, high byte first",
      Buffer.from(`\ufeff${good}`, "utf16le").swap16(),
      { rows: 2, new: 2 },
      ["read as UTF-16, high byte first"],
    ],
    [
      "with NUL bytes in it",
      good.replace("flu", "f\0lu"),
      { rows: 2, new: 2 },
      ["NUL bytes, which no text holds: left out"],
    ],
    ["with line ends of three kinds", good.replace("\n", "\r\n"), { rows: 2, new: 2 }, ["mixed line ends"]],
    ["separated by semicolons", good.replaceAll(",", ";"), { rows: 2, new: 2 }, ["cells separated by semicolons"]],
    ["separated by tabs", good.replaceAll(",", "\t"), { rows: 2, new: 2 }, ["cells separated by tabs"]],
    ["with a header alone", `${head}\n`, { rows: 0, refused: 0 }, []],
    [
      "with cells a spreadsheet would run",
      `${head}\n1001,2025-11-03,absent,,"=cmd|' /C calc'!A0"\n1002,2025-11-03,absent,,"\t@SUM(1)"\n`,
      { rows: 2, new: 2 },
      [
        "rows with a cell that a spreadsheet would run as a formula: kept as they are, made harmless in every CSV that goes out",
      ],
    ],
  ])("%s is read, and said to be so", async (_name, content, expected, said) => {
    const report = await takeFlat(content);
    expect(counts(report)).toMatchObject([expected]);
    expect(report.leniencies.map(({ what }) => what)).toEqual(said);
  });

  test.each<[string, string | Buffer, object, { line: number; column?: string | null; code: string }[]]>([
    [
      "in Latin-1",
      Buffer.concat([
        Buffer.from(`${head}\n1001,2025-11-03,absent,,Jos`),
        Buffer.from([0xe9]),
        Buffer.from("\n1002,2025-11-03,tardy,,\n"),
      ]),
      { rows: 2, new: 1, refused: 1 },
      [{ line: 2, column: null, code: "ENCODING" }],
    ],
    [
      "with an id twice",
      `${good}1001,2025-11-03,tardy,,\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, code: "DUPLICATE" }],
    ],
    [
      "with a student nobody knows",
      `${good}9,2025-11-03,tardy,,\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, column: "student_id", code: "DANGLING" }],
    ],
    [
      "with a quotation mark left open",
      `${good}1001,2025-11-04,absent,,"away\n1002,2025-11-04,tardy,,\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, code: "QUOTES" }],
    ],
    [
      "with a cell of three megabytes",
      `${good}1001,2025-11-04,absent,,"${"x".repeat(3 << 20)}"\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, code: "TOO_LONG" }],
    ],
    [
      "with a comma too many",
      `${good}1001,2025-11-04,absent,,flu, and more\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, column: null, code: "COLUMNS" }],
    ],
    [
      "with a row of nothing but commas",
      `${good},,,,\n`,
      { rows: 3, new: 2, refused: 1 },
      [{ line: 4, column: "student_id", code: "MISSING" }],
    ],
  ])("%s keeps its good rows and names the bad ones", async (_name, content, expected, refusals) => {
    const report = await takeFlat(content);
    expect(counts(report)).toMatchObject([expected]);
    expect(report.refusals).toMatchObject(refusals);
    for (const { reason, file } of report.refusals) {
      expect(file).toBe("attendance.csv");
      expect(reason).toMatch(/^expected .+, got /);
    }
  });

  test.each<[string, string | Buffer]>([
    ["empty", ""],
    ["nothing but a byte order mark", "\ufeff"],
    ["zeros", Buffer.alloc(100_000)],
    ["random bytes", Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))],
    ["another file", "a,b,c\n1,2,3\n"],
  ])("that is %s is one error with a code", async (_name, content) => {
    await expect(takeFlat(content)).rejects.toMatchObject({ code: "UNREADABLE_FILE", hint: expect.anything() });
  });

  test("a cell that could be a formula is stored as it came", async () => {
    const own = `${head}\n1001,2025-11-10,absent,,"=HYPERLINK(""http://x"")"\n`;
    await takeFlat(own, false);
    expect(await query(database(), tenantId, "select reason_raw from attendance_event")).toEqual([
      { reason_raw: '=HYPERLINK("http://x")' },
    ]);
  });
});

test("whatever happens to the bytes of a delivery, there is a report or one error with a code", async () => {
  const zip = await readFile(await zipped(roster()));
  const change = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at: fc.nat(), byte: fc.nat(255) }),
    fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), byte: fc.nat(64) }),
    fc.record({
      kind: fc.constant("insert" as const),
      at: fc.nat(),
      byte: fc.constantFrom(0, 10, 13, 34, 44, 92, 255),
    }),
  );
  const harmed = (bytes: Buffer, changes: readonly { kind: string; at: number; byte: number }[]): Buffer => {
    let out = Buffer.from(bytes);
    for (const { kind, at, byte } of changes) {
      const place = at % (out.length + 1);
      if (kind === "set" && place < out.length) out[place] = byte;
      else if (kind === "cut") out = Buffer.concat([out.subarray(0, place), out.subarray(place + byte)]);
      else if (kind === "insert")
        out = Buffer.concat([out.subarray(0, place), Buffer.from([byte]), out.subarray(place)]);
    }
    return out;
  };
  const outcome = async (work: Promise<ImportReport>): Promise<void> => {
    try {
      for (const { rows, new: added, changed, unchanged, refused } of (await work).files)
        expect(rows).toBe(added + changed + unchanged + refused);
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(CairnError);
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.boolean(), async (changes, flat) => {
      if (flat) return outcome(takeFlat(harmed(Buffer.from(good), changes)));
      const path = join(await scratchFolder(), "harmed.zip");
      await writeFile(path, harmed(zip, changes));
      return outcome(takePackage(path));
    }),
    { numRuns: 60 },
  );
}, 240_000);

function zeros(bytes: number): Readable {
  let left = bytes;
  return new Readable({
    read(size) {
      const length = Math.min(left, size, 65_536);
      left -= length;
      this.push(length === 0 ? null : Buffer.alloc(length));
    },
  });
}

/** A copy of a zip whose directory declares another unpacked size. */
async function declaring(path: string, bytes: number): Promise<string> {
  const content = await readFile(path);
  const directory = content.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  content.writeUInt32LE(Math.min(bytes, 0xfffffffe), directory + 24);
  const copy = join(await scratchFolder(), "declaring.zip");
  await writeFile(copy, content);
  await truncate(copy, content.length);
  return copy;
}
