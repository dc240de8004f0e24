/** Large files that are there whole or not at all. */
import { chmodSync, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../errors.ts";

/** So much is made while the disk writes what came before. */
const WRITE_AHEAD_BYTES = 1 << 18;

/**
 * Replaces a file at once by what a stream brings, which is never all in memory; a file that exists keeps its mode, a
 * new one is the user's alone: it tells of all of the user's work.
 *
 * @throws CommandError that names the file, for a file that cannot be written; what the stream throws, as it is.
 */
export async function streamFileWhole(path: string, stream: Readable): Promise<void> {
  const partial = `${path}.${process.pid}.tmp`;
  let readError: unknown;
  stream.once("error", (error) => {
    readError = error;
  });
  try {
    mkdirSync(dirname(path), { recursive: true });
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    await pipeline(stream, createWriteStream(partial, { mode: 0o600, flush: true, highWaterMark: WRITE_AHEAD_BYTES }));
    if (mode !== undefined) chmodSync(partial, mode);
    renameSync(partial, path);
  } catch (error) {
    stream.destroy();
    rmSync(partial, { force: true });
    if (readError !== undefined && readError === error) throw error;
    throw new CommandError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
