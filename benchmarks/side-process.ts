import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Interface } from "node:readline";
import { createInterface } from "node:readline";
import type { SideRun } from "./side.ts";

/** One side of a benchmark as a process of its own that works only when it is told to. */
export class SideProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Waits until the side has read its data. */
  async ready(): Promise<void> {
    await this.#answer();
  }

  /** Does the work once. */
  async run(): Promise<SideRun> {
    this.#child.stdin!.write("go\n");
    return (await this.#answer()) as SideRun;
  }

  /** Ends the process. */
  close(): void {
    this.#child.stdin!.end();
    this.#reader.close();
    this.#child.kill();
  }

  async #answer(): Promise<unknown> {
    // A peer's library may print words of its own: only lines of JSON are answers.
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.name}: expected an answer, but the process ended`);
      if (value.startsWith("{")) return JSON.parse(value);
    }
  }
}
