// Files that are read at run time and are not TypeScript travel beside the compiled code.
import { chmodSync, cpSync, existsSync } from "node:fs";

if (existsSync("src/records/migrations"))
  cpSync("src/records/migrations", "dist/src/records/migrations", { recursive: true });
if (existsSync("dist/src/cli/main.js")) chmodSync("dist/src/cli/main.js", 0o755);
