// After the compiler: files that are read at run time travel beside the compiled code, and the command gets its name.
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";

const command = "dist/src/cli/main.js";
for (const folder of ["src/records/migrations", "src/records/credentials/contexts"]) {
  cpSync(folder, `dist/${folder}`, { recursive: true });
}
chmodSync(command, 0o755);

// npm links the commands of dependencies, not a project's own: without this, `npx cairn` here would install the project into
// a cache first.
if (existsSync("node_modules")) {
  mkdirSync("node_modules/.bin", { recursive: true });
  if (process.platform === "win32") {
    writeFileSync("node_modules/.bin/cairn.cmd", `@node "%~dp0\\..\\..\\${command.replaceAll("/", "\\")}" %*\r\n`);
  } else {
    rmSync("node_modules/.bin/cairn", { force: true });
    symlinkSync(`../../${command}`, "node_modules/.bin/cairn");
  }
}
