/** Writes what was planned, each file noted before it is touched: what was begun can always be taken back. */
import { type Journal, replaceJournal, withFile } from "./journal.ts";
import type { FileChange } from "./plan-files.ts";
import { missingFolders, replaceTarget } from "./replace-target.ts";

/** A file that could not be written. */
export interface Failure {
  readonly path: string;
  readonly reason: string;
}

/**
 * Writes all files that can be written.
 *
 * @param journal as it was read before the changes were planned.
 * @throws CommandError when the journal cannot be written, or another `init` wrote it: nothing is written any more.
 */
export function applyChanges(storage: string, journal: Journal, changes: readonly FileChange[]): Failure[] {
  const failures: Failure[] = [];
  let noted = journal;
  for (const change of changes) {
    const madeFolders = [...change.journal.madeFolders, ...missingFolders(change.target)];
    const before = noted;
    noted = withFile(before, { ...change.journal, madeFolders });
    replaceJournal(storage, before, noted);
    try {
      replaceTarget(change);
    } catch (error) {
      failures.push({ path: change.path, reason: (error as Error).message });
      replaceJournal(storage, noted, before);
      noted = before;
    }
  }
  return failures;
}
