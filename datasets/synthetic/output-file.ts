import { type FileHandle, open } from "node:fs/promises";
import { CairnError } from "../../src/errors.ts";
import { csvLine, type Row } from "./row-buffer.ts";

/** A file that grows by batches of rows, so that memory does not grow with it. */
export class OutputFile {
  readonly name: string;
  /** Rows written, without the header. */
  rows = 0;
  /** The first row, kept for the duplicate that dirt asks for. */
  first: Row | undefined;
  bytes = 0;
  private readonly handle: FileHandle;

  private constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.handle = handle;
  }

  /**
   * Creates or empties a file.
   * @param header - column names; absent for a file of lines
   */
  static async create(path: string, name: string, header?: readonly string[]): Promise<OutputFile> {
    const file = new OutputFile(name, await open(path, "w"));
    if (header !== undefined) await file.write(Buffer.from(csvLine(header)));
    return file;
  }

  /** Appends rows that are bytes already. */
  async append(bytes: Uint8Array, rows: number): Promise<void> {
    if (rows === 0) return;
    this.rows += rows;
    await this.write(bytes);
  }

  /** Adds a row whose line ends with CR LF where all others end with LF. */
  async foreignRow(cells: Row): Promise<void> {
    await this.append(Buffer.from(csvLine(cells, "\r\n")), 1);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  private async write(buffer: Uint8Array): Promise<void> {
    this.bytes += buffer.length;
    await this.handle.writeFile(buffer).catch((cause: unknown) => {
      throw new CairnError(
        "UNREADABLE_FILE",
        `expected to write ${buffer.length} bytes to ${this.name}, got a refusal`,
        {
          hint: "check the free space and the permissions of the folder",
          cause,
        },
      );
    });
  }
}
