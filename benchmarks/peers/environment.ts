import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the peers' interpreter and their scripts are. */
export interface PeerPython {
  readonly executable: string;
  readonly scripts: string;
}

/**
 * The Python of the peers, with exactly the packages of a file in `peers`: made on first use beside the build, made
 * anew when the requirements change.
 * @throws Error when Python 3 with `venv` is not there or the packages cannot be had
 */
export async function pythonOfPeers(file = "requirements.txt"): Promise<PeerPython> {
  // The scripts stand in the sources; this file runs from the build.
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const scripts = join(root, "benchmarks", "peers");
  const requirements = join(scripts, file);
  // What has to be compiled against the others: built apart from them, as pip would, pyBKT falls back to plain Python.
  const compiled = join(scripts, file.replace(".txt", "-compiled.txt"));
  const files = existsSync(compiled) ? [requirements, compiled] : [requirements];
  const hash = createHash("sha256")
    .update(Buffer.concat(await Promise.all(files.map((path) => readFile(path)))))
    .digest("hex")
    .slice(0, 12);
  const home = join(root, "node_modules", ".cache", "benchmark-peers", hash);
  const executable = join(home, "bin", "python");
  if (!existsSync(join(home, "complete"))) {
    process.stderr.write("setting up the peers (Python packages), once\n");
    await mkdir(home, { recursive: true });
    await run("python3", ["-m", "venv", home]);
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    for (const path of files) {
      await run(executable, [...install, ...(path === compiled ? ["--no-build-isolation"] : []), "-r", path]);
    }
    await writeFile(join(home, "complete"), "");
  }
  return { executable, scripts };
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", fail);
    child.once("exit", (code) => (code === 0 ? done() : fail(new Error(`${command} ${args[0]} ended with ${code}`))));
  });
}
