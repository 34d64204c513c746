import type { FileMapping } from "./mapping.ts";
import { base, leading } from "./mapping.ts";
import { packageTargets } from "./targets.ts";

/** A file whose rows are kept for those who read them back; `secret` columns never enter the record. */
function keptFile(
  name: string,
  columns: readonly string[],
  { person, secret = [] }: { person?: string; secret?: readonly string[] } = {},
): FileMapping {
  const kept = columns.filter((column) => !secret.includes(column));
  return {
    name,
    columns: [...leading, ...columns],
    required: ["sourcedId"],
    map(row, context) {
      const cells: Record<string, string> = {};
      for (const column of kept) {
        const cell = row.text(column);
        if (cell !== null) cells[column] = cell;
      }
      if (secret.some((column) => row.text(column) !== null))
        row.lenient(`${secret.join(", ")}: a secret, dropped before anything was kept`);
      const values = [name, JSON.stringify(cells)];
      const id = `${name}/${row.required("sourcedId")}`;
      return person === undefined
        ? [{ target: packageTargets.kept, record: base(row, context, values, { id }) }]
        : [
            {
              target: packageTargets.keptOfUser,
              record: base(row, context, values, { id, person: row.required(person) }),
            },
          ];
    },
  };
}

/** userProfiles.csv, without the passwords. */
export const userProfiles = keptFile(
  "userProfiles",
  [
    "userSourcedId",
    "profileType",
    "vendorId",
    "applicationId",
    "description",
    "credentialType",
    "username",
    "password",
  ],
  { person: "userSourcedId", secret: ["password"] },
);

/** resources.csv and the files that tie resources to classes, courses and users. */
export const resources: readonly FileMapping[] = [
  keptFile("resources", ["vendorResourceId", "title", "roles", "importance", "vendorId", "applicationId"]),
  keptFile("classResources", ["title", "classSourcedId", "resourceSourcedId"]),
  keptFile("courseResources", ["title", "courseSourcedId", "resourceSourcedId"]),
  keptFile("userResources", ["userSourcedId", "orgSourcedId", "classSourcedId", "resourceSourcedId"], {
    person: "userSourcedId",
  }),
];
