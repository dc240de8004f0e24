/** Standard input of programs that another program starts with a payload on it. */
import { fstatSync, readSync } from "node:fs";

const CHUNK_BYTES = 65_536;
const WAIT_MILLIS = 5;

/** How long to wait for a writer that is not ready. */
const MAX_WAITS = 200;

/** Where a programme's standard input is. */
export const STDIN = 0;

/**
 * Reads all of a descriptor, as text. "" when a person sits there, when it cannot be read, and when it is longer
 * than `maxBytes`. Never throws.
 */
export function readInput(descriptor: number, maxBytes: number): string {
  try {
    // A terminal, or nothing at all. To ask for the terminal alone loads sockets and streams, which takes milliseconds.
    if (fstatSync(descriptor).isCharacterDevice()) return "";
    const chunks: Buffer[] = [];
    let length = 0;
    for (let waits = 0; length <= maxBytes; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readChunk(descriptor, chunk);
      if (read === undefined) {
        if (++waits > MAX_WAITS) return "";
        // A pipe that does not block and has nothing yet.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MILLIS);
      } else if (read === 0) {
        return Buffer.concat(chunks).toString("utf8");
      } else {
        chunks.push(chunk.subarray(0, read));
        length += read;
      }
    }
    return "";
  } catch {
    return "";
  }
}

/** The number of bytes; 0 at the end; undefined when there is nothing yet. */
function readChunk(descriptor: number, chunk: Buffer): number | undefined {
  try {
    return readSync(descriptor, chunk);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return undefined;
    if (code === "EOF") return 0;
    throw error;
  }
}
