import { beforeAll, expect, test } from "vitest";
import { receiveResponses } from "../../../src/engine/intake/responses.ts";
import { createTenant } from "../../../src/records/database.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { cleanUp, roster, unpacked } from "../../records/import/deliveries.ts";
import { useCairn } from "../district.ts";

const cairn = useCairn();
cleanUp();

const tenantId = "hilltop";
const learner = "1001";

beforeAll(async () => {
  const { database } = cairn();
  await createTenant(database, { id: tenantId, name: "Hilltop" });
  await importOneRoster(database, { tenantId, path: await unpacked(roster()), receivedAt: new Date("2025-08-20") });
});

// The insert is sent without waiting: its failure must still reach the sender, in words, and take everything with it.
test("an answer that cannot be stored takes the request with it and is the sender's fault", async () => {
  const answer = (id: string, item: string) => ({ id, learner, item, answeredAt: "2025-09-01T09:00:00Z", correct: 1 });
  const sent = receiveResponses(cairn(), tenantId, [answer("a", "item-1"), answer("b", "item\u00002")], { learner });
  await expect(sent).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("NUL") });
  const again = await receiveResponses(cairn(), tenantId, [answer("a", "item-1")]);
  expect(again).toMatchObject({ stored: 1, unchanged: 0, refused: [] });
});
