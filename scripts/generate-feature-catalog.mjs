// Writes docs/features.md from the catalog in the code. Run after `npm run build`.
import { mkdirSync, writeFileSync } from "node:fs";

const { featureCatalog } = await import("../dist/src/features/catalog.js");
const { renderCatalog } = await import("../dist/src/features/catalog-page.js");
mkdirSync("docs", { recursive: true });
writeFileSync("docs/features.md", renderCatalog(featureCatalog));
console.log("docs/features.md is written");
