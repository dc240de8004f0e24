/** Writes what was planned, each file noted before it is touched: what was begun can always be taken back. */
import { type Journal, withFile, writeJournal } from "./journal.ts";
import type { FileChange } from "./plan-files.ts";
import { missingFolders, replaceTarget } from "./replace-target.ts";

/** A file that could not be written. */
export interface Failure {
  readonly path: string;
  readonly reason: string;
}

/** Writes all files that can be written. @throws CommandError when the journal cannot be written; then nothing was. */
export function applyChanges(storage: string, journal: Journal, changes: readonly FileChange[]): Failure[] {
  const failures: Failure[] = [];
  let noted = journal;
  for (const change of changes) {
    const madeFolders = [...change.journal.madeFolders, ...missingFolders(change.target)];
    const before = noted;
    noted = withFile(noted, { ...change.journal, madeFolders });
    writeJournal(storage, noted);
    try {
      replaceTarget(change);
    } catch (error) {
      failures.push({ path: change.path, reason: (error as Error).message });
      noted = before;
      writeJournal(storage, noted);
    }
  }
  return failures;
}
