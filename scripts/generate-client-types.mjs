// Writes the types of src/client from the service's own description. Run after `npm run build`; with the argument `-` the description
// is read from standard input and the types are printed, which is how the test finds out that the checked-in file is stale.
import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import openapiTypescript, { astToString } from "openapi-typescript";

const TARGET = "src/client/openapi.generated.ts";
const HEAD = "// Generated from /openapi.json by scripts/generate-client-types.mjs; edits are lost.\n";

/** The app describes itself without a record store: no route touches it before a request comes. */
async function ownDescription() {
  const { createApp } = await import("../dist/src/api/app.js");
  const { pino } = await import("pino");
  const app = createApp({}, { version: "0.0.0", log: pino({ level: "silent" }) });
  return (await app.request("/openapi.json")).json();
}

const isPiped = process.argv[2] === "-";
const document = isPiped ? JSON.parse(await text(process.stdin)) : await ownDescription();
// A default that the service fills in may be left out of a request.
const nodes = await openapiTypescript(document, { immutable: false, defaultNonNullable: false });
const types = HEAD + astToString(nodes);
if (isPiped) process.stdout.write(types);
else {
  writeFileSync(TARGET, types);
  console.log(`${TARGET} is written`);
}
