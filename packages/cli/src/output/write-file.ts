/** Files that are there whole or not at all. */
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError } from "../errors.ts";

/**
 * Replaces a file at once; one that exists keeps its mode.
 *
 * @param mode of a new file; what the user's umask says by default.
 * @throws CommandError that names the file.
 */
export function writeFileWhole(path: string, text: string, mode?: number): void {
  const partial = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, ...(mode === undefined ? {} : { mode: 0o700 }) });
    const known = statSync(path, { throwIfNoEntry: false })?.mode;
    // On the disk before it has its name: a power cut leaves the old file or the new one.
    writeFileSync(partial, text, { flush: true, ...(mode === undefined ? {} : { mode }) });
    if (known !== undefined) chmodSync(partial, known);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new CommandError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
