// Docs that drift are worse than none: the version is the same everywhere, every link between pages leads somewhere, and
// every command the README names exists.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const faults = [];
const { version, scripts } = JSON.parse(readFileSync("package.json", "utf8"));

const changelog = /^## (\d+\.\d+\.\d+)/m.exec(readFileSync("CHANGELOG.md", "utf8"))?.[1];
if (changelog !== version) faults.push(`CHANGELOG.md begins with ${changelog}, package.json has ${version}`);
if (!readFileSync("src/version.ts", "utf8").includes(`"${version}"`))
  faults.push(`src/version.ts does not say ${version}`);

const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync("docs", { recursive: true }).map((path) => join("docs", path)),
].filter((path) => path.endsWith(".md") && !path.startsWith(join("docs", "api")));
for (const page of pages) {
  const text = readFileSync(page, "utf8");
  for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
    if (!existsSync(join(dirname(page), target))) faults.push(`${page} links to ${target}, which is not there`);
  }
  for (const [, name] of text.matchAll(/npm run ([a-z:]+)/g)) {
    if (scripts[name] === undefined) faults.push(`${page} names \`npm run ${name}\`, which package.json does not have`);
  }
}

for (const fault of faults) console.error(`docs: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
