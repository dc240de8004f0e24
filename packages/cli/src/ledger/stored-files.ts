/** The files in the storage folder, as they are on the disk, each with what it is. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file or folder. */
export interface StoredFile {
  readonly path: string;
  /** With everything inside. */
  readonly bytes: number;
  /** Undefined for one that is not ours. */
  readonly holds: string | undefined;
}

const KNOWN_FILES: readonly (readonly [name: RegExp, holds: string])[] = [
  [/^metrics\.db$/, "everything that is listed below"],
  [/^metrics\.db-wal$/, "changes that are not in metrics.db yet"],
  [/^metrics\.db-shm$/, "index of these changes"],
  [/^metrics\.lock\.db(-journal)?$/, "who cleans up; nothing else"],
  [/^metrics\.reserve$/, "room on the disk; zeros"],
  [/^metrics\.db\.v\d+-backup$/, "metrics.db as an earlier version left it"],
  [/^metrics\.db\.damaged-/, "metrics.db as it was before it was salvaged"],
  [/^spool$/, "facts and points that wait to be written, as files that go when they are"],
  [/^hooks$/, "scripts that agents run; no data"],
  [/^init-journal\.json$/, "what init wrote into settings, to take it back"],
  [/^receiver-token$/, "what senders must show the receiver"],
  [/^receiver\.(json|lock\.db(-journal)?)$/, "who receives; nothing else"],
  [/^serve\.log$/, "what the service said"],
  [/^alerts$/, "which alerts were told: names of budgets, agents and models, ids of sessions and tasks"],
  [/^reports$/, "reports of closed days and weeks: sums by agent"],
];

/** What lies in the folder; nothing when there is no folder. */
export function storedFiles(folder: string): StoredFile[] {
  return namesIn(folder).map((name) => ({
    path: join(folder, name),
    bytes: bytesOf(join(folder, name)),
    holds: KNOWN_FILES.find(([known]) => known.test(name))?.[1],
  }));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A file that goes meanwhile takes no room. */
function bytesOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.size;
  return namesIn(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
