/** Renames files that several processes look at. */
import { renameSync } from "node:fs";

/** Renames a file, in one step. @returns whether it could be: another process may have been quicker. */
export function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
