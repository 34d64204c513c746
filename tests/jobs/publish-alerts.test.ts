import { expect, test } from "vitest";
import { publishAndTell } from "../../jobs/alerts.ts";
import { openQueue } from "../../jobs/queue.ts";
import { decideRules } from "../../src/engine/alerts/settings.ts";
import { scoringRun } from "../../src/records/schema/index.ts";
import { alertsIn, school } from "../engine/alerts/school.ts";
import { look, useCairn } from "../engine/district.ts";
import { cleanUp } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

test("publishing a ranking tells who has crossed the line by it, in the same job, once", async () => {
  const tenantId = await school(cairn().database);
  await decideRules(cairn(), tenantId, { "capacity-line": { capacity: 1 } }, "counselor");
  const client = await openQueue({ backend: "postgres", url: cairn().databaseUrl });
  const land = (runId: string, asOf: string, risks: Readonly<Record<string, number>>) =>
    look(cairn(), tenantId, async ({ sql, orm }) => {
      const parts = { snapshotIds: { risk: "s" }, modelIds: { risk: "m" } };
      await orm
        .insert(scoringRun)
        .values({ tenantId, runId, kind: "batch", asOf, status: "running", partitions: 1, ...parts });
      await sql`insert into scored_partition (tenant_id, run_id, kind, partition, rows) values (${tenantId}, ${runId}, 'risk', 0, 2)`;
      for (const [name, risk] of Object.entries(risks)) {
        const code = `${name}-${tenantId}`;
        await sql`insert into pseudonym (tenant_id, purpose, person_id, code)
          select distinct ${tenantId}, 'early-warning', person_id, ${code} from person where given_name = ${name}
          on conflict do nothing`;
        await sql`insert into risk_score (tenant_id, run_id, pseudonym, partition, probability, reasons)
          values (${tenantId}, ${runId}, ${code}, 0, ${risk}, '[]')`;
      }
    });
  try {
    await land("first", "2025-12-11", { Ada: 0.2, Ben: 0.7 });
    await land("second", "2025-12-12", { Ada: 0.9, Ben: 0.7 });
    expect(await publishAndTell(cairn(), client, { tenantId, runId: "first" })).toEqual({ runId: "first" });
    expect(await alertsIn(cairn().database, tenantId)).toEqual([]); // nobody has crossed anything
    for (let again = 0; again < 2; again++) await publishAndTell(cairn(), client, { tenantId, runId: "second" });
    expect(await alertsIn(cairn().database, tenantId)).toEqual([
      { rule: "capacity-line", name: "Ada", day: "2025-12-12" },
    ]);
  } finally {
    await client.close();
  }
});
