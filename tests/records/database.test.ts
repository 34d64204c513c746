import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { inTenant } from "../../src/records/database.ts";
import { person } from "../../src/records/schema/index.ts";
import { useDatabase } from "../support/database.ts";

const database = useDatabase();

test("a text with the character NUL is the sender's fault, in a plain query and in one of the schema, and is not quoted", async () => {
  const name = "Ada\u0000Quillfeather";
  const asked = [
    inTenant(database(), "north", ({ sql }) => sql`select 1 from identifier where value = ${name}`),
    inTenant(database(), "north", ({ sql }) => sql`select ${JSON.stringify({ name })}::text::jsonb`),
    inTenant(database(), "north", async ({ orm }) => orm.select().from(person).where(eq(person.givenName, name))),
  ];
  for (const answer of await Promise.allSettled<unknown>(asked)) {
    const error = answer.status === "rejected" ? (answer.reason as Error) : undefined;
    expect(error).toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("NUL") });
    expect(error?.cause).toBeUndefined();
  }
});

test("any other fault stays what it is", async () => {
  const asked = inTenant(database(), "north", ({ sql }) => sql`select 1 from nowhere`);
  await expect(asked).rejects.toMatchObject({ code: "42P01" });
});
