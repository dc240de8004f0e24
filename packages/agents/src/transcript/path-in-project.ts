/** Agents tell paths as they were typed: from the root, or from the folder that the agent works in. */
import { isAbsolute, join } from "node:path";

/**
 * The path from the root, so that a file is one file however it was named; as it is where no folder is known.
 *
 * @param folder the folder that the agent works in.
 */
export function pathInProject(path: string, folder: string | undefined): string {
  return isAbsolute(path) || folder === undefined ? path : join(folder, path);
}
