import { parentPort, workerData } from "node:worker_threads";
import { type GroupOptions, type GroupPiece, GroupWriter } from "./district-group.ts";

/** What a worker thread says: a piece of a group, or that the group is finished. */
export interface WorkerMessage {
  readonly group: number;
  /** Absent when the group is finished. */
  readonly piece?: GroupPiece;
}

const port = parentPort!; // this file only ever runs as a worker
const writer = new GroupWriter(workerData as GroupOptions);

port.on("message", (group: number) => {
  for (const piece of writer.write(group)) {
    const bytes = piece.files.map((file) => file.bytes.buffer);
    port.postMessage({ group, piece } satisfies WorkerMessage, bytes); // moved, not copied
  }
  port.postMessage({ group } satisfies WorkerMessage);
});
