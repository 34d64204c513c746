import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { importCaliper } from "../../../src/records/import/caliper/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, district, roster, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
const caliper = join(datasetsFolder() ?? "", "standards/caliper");
const fixtures =
  datasetsFolder() === undefined
    ? []
    : readdirSync(caliper, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith(".json"))
        .sort();

/** What becomes of a fixture: events taken, refused, and what was left out. */
interface Outcome {
  readonly taken: number;
  readonly refused?: number;
  readonly anonymous?: number;
  readonly entities?: number;
}

/** Fixtures that hold more, or other, than one event or one entity. */
const special: Record<string, Outcome> = {
  "fixtures/v1p0/eventStorePayload.json": { taken: 1 },
  "fixtures/v1p0/caliperEnvelopeEventViewViewedMinimal.json": { taken: 1 },
  "fixtures/v1p1/caliperEnvelopeEntityBatch.json": { taken: 0, entities: 3 },
  "fixtures/v1p1/caliperEnvelopeEventBatch.json": { taken: 3 },
  "fixtures/v1p1/caliperEnvelopeMixedBatch.json": { taken: 3, entities: 4 },
  "fixtures/v1p2/caliperEnvelopeEntityBatch.json": { taken: 0, entities: 3 },
  "fixtures/v1p2/caliperEnvelopeEventBatch.json": { taken: 3 },
  "fixtures/v1p2/caliperEnvelopeTermAction.json": { taken: 0, anonymous: 80 },
  "fixtures/v1p2/caliperEndpointConfigPayload.json": { taken: 0, refused: 1 }, // a sensor's settings, no event
  "profiles/library/fixtures/v1p2/caliperEventLibraryUseUsedLibraryWifi.json": { taken: 0, anonymous: 1 },
  "fixtures/v1p2/caliperEntitySystemIdentifier.json": { taken: 0, entities: 1 },
};

function outcomeOf(name: string): Outcome {
  const known = special[name];
  if (known !== undefined) return known;
  if (/\/caliperEntity|EnvelopeEntity/.test(name)) return { taken: 0, entities: 1 };
  return /Anonymous/.test(name) ? { taken: 0, anonymous: 1 } : { taken: 1 };
}

describe.skipIf(datasetsFolder() === undefined)("the specification's own fixtures (needs the shared data sets)", () => {
  test("all of them are here", () => expect(fixtures).toHaveLength(228));

  let crowd: string;
  beforeAll(async () => {
    const files = roster();
    // The fixtures' people, as the district numbers them.
    const users = String(files["users.csv"]).replace("DistrictId:1001", "DistrictId:554433");
    files["users.csv"] = users.replace("DistrictId:1002", "DistrictId:112233");
    for (const n of ["778899", "657585", "667788", "999999"]) {
      files["users.csv"] += `f${n},,,true,f${n},{DistrictId:${n}},F${n},L${n},,${n},08\n`;
    }
    crowd = await district(database());
    await importOneRoster(database(), { tenantId: crowd, path: await unpacked(files), receivedAt });
  });

  test.each(fixtures)("%s", async (name) => {
    const report = await importCaliper(database(), { tenantId: crowd, path: join(caliper, name), receivedAt });
    const counts = report.files.find(({ file }) => file.endsWith(".json"));
    const left = (what: string) => report.leniencies.find((leniency) => leniency.what.startsWith(what))?.count ?? 0;
    const { taken, refused = 0, anonymous = 0, entities = 0 } = outcomeOf(name);
    expect({
      refusals: report.refusals.map(({ column, reason }) => [column, reason]),
      taken: counts === undefined ? 0 : counts.rows - counts.refused,
      anonymous: left("events of anonymous"),
      entities: left("entities"),
    }).toEqual({
      refusals: refused === 0 ? [] : [["type", "expected an event type of Caliper 1.1 or 1.2, got no type"]],
      taken,
      anonymous,
      entities,
    });
    expect(left("events of Caliper 1.0") > 0).toBe(name.includes("v1p0"));
  });
});
