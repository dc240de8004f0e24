/** Patches as `apply_patch` of Codex takes them: which files, and how many lines. */
import type { CodexFileChange } from "./record.ts";

/** What a patch does. */
export interface PatchEffect {
  readonly changes: readonly CodexFileChange[];
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

const HEADERS = [
  { beginning: "*** Add File: ", change: "created" },
  { beginning: "*** Update File: ", change: "modified" },
  { beginning: "*** Delete File: ", change: "deleted" },
] as const;
const MOVE = "*** Move to: ";

/** Counts files and lines. The lines of a deleted file are not in its patch. */
export function countPatch(patch: string): PatchEffect {
  const changes: CodexFileChange[] = [];
  let linesAdded = 0;
  let linesRemoved = 0;
  for (const line of patch.split("\n")) {
    const header = HEADERS.find(({ beginning }) => line.startsWith(beginning));
    const updated = changes.at(-1);
    if (header !== undefined) {
      changes.push({ path: line.slice(header.beginning.length).trim(), change: header.change });
    } else if (line.startsWith(MOVE) && updated?.change === "modified") {
      changes[changes.length - 1] = { path: updated.path, change: "deleted" };
      changes.push({ path: line.slice(MOVE.length).trim(), change: "created" });
    } else if (line.startsWith("+")) {
      linesAdded += 1;
    } else if (line.startsWith("-")) {
      linesRemoved += 1;
    }
  }
  return { changes: changes.filter(({ path }) => path !== ""), linesAdded, linesRemoved };
}
