import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { CairnError } from "../../../errors.ts";
import { readColumns } from "../columns.ts";
import type { StudyPlan } from "../plan-shape.ts";

const archiveShape = z.strictObject({
  format: z.literal("cairn-study-releases/1"),
  salt: z.string(),
  releases: z.array(z.strictObject({ planHash: z.string(), columns: z.array(z.string()), rows: z.array(z.string()) })),
});

/** The releases of one study: which rows each report rested on, as salted hashes. It is private to the study. */
export type ReleaseArchive = z.infer<typeof archiveShape>;

const FINGERPRINT = 16; // hexadecimal digits: 64 bits keep a million rows apart

/**
 * Adds a release to a study's archive, after checking it against every earlier one: two reports whose samples differ by fewer rows than
 * the smallest group give those rows away by subtraction.
 * @param data - the file the report was made from
 * @returns the archive with the release, to be written by {@link writeArchive} when the report is
 * @throws CairnError `FORBIDDEN` when a sample differs a little from an earlier one; `UNREADABLE_FILE` for an archive that is none
 * @see handbook privacy DIS-5 and 2.2, step 1
 */
export async function checkRelease(
  archive: string,
  plan: StudyPlan,
  planHash: string,
  data: string,
): Promise<ReleaseArchive> {
  const before = existsSync(archive) ? await readArchive(archive) : newArchive();
  const columns = identifying(plan);
  const rows = await fingerprints(data, columns, before.salt);
  for (const release of before.releases) {
    // Rows of other columns have other fingerprints: then only the number of rows can be compared.
    const comparable = release.columns.join("\n") === columns.join("\n");
    const apart = comparable ? differing(release.rows, rows) : Math.abs(release.rows.length - rows.length);
    if (apart > 0 && apart < plan.minimumGroup) {
      throw new CairnError(
        "FORBIDDEN",
        `expected the sample of an earlier report, or one that differs from it by ${plan.minimumGroup} rows or more, got a few rows apart`,
        {
          hint: "report on the earlier file again, or wait until more has changed: the two reports would be subtracted",
        },
      );
    }
  }
  return { ...before, releases: [...before.releases, { planHash, columns, rows }] };
}

/** Writes an archive, readable by its owner alone. */
export async function writeArchive(path: string, archive: ReleaseArchive): Promise<void> {
  await writeFile(path, `${JSON.stringify(archive)}\n`, { mode: 0o600 });
}

function newArchive(): ReleaseArchive {
  return { format: "cairn-study-releases/1", salt: randomBytes(16).toString("hex"), releases: [] };
}

async function readArchive(path: string): Promise<ReleaseArchive> {
  try {
    return archiveShape.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected the releases of a study at ${path}, got something else`, {
      hint: "restore it: without it a report cannot be checked against the earlier ones",
      cause,
    });
  }
}

/** What decides a row's part in the answer, whatever is adjusted for. */
function identifying(plan: StudyPlan): string[] {
  const { treatment, running, received, panel, clusters, outcome } = plan;
  const columns = [treatment?.column, running?.column, received?.column, panel?.unit, panel?.period, clusters?.column];
  return [...new Set([...columns.filter((column) => column !== undefined), outcome.column])];
}

async function fingerprints(data: string, names: readonly string[], salt: string): Promise<string[]> {
  const columns = await readColumns(data, names);
  const cells = names.map((name) => columns.text(name));
  return Array.from({ length: columns.rows }, (_, row) =>
    createHash("sha256")
      .update(JSON.stringify([salt, ...cells.map((column) => column[row])]))
      .digest("hex")
      .slice(0, FINGERPRINT),
  ).sort();
}

/** How many rows are in one sorted list and not in the other, both ways. */
function differing(a: readonly string[], b: readonly string[]): number {
  let [i, j, apart] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      i++;
      j++;
    } else {
      apart++;
      if (a[i]! < b[j]!) i++;
      else j++;
    }
  }
  return apart + a.length - i + b.length - j;
}
