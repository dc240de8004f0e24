/** What `init` wrote, so that it can be taken back: a file in the storage folder that only the user can read. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../errors.ts";
import { writeFileWhole } from "../output/write-file.ts";
import type { FormatName } from "./edit/settings-format.ts";
import type { TextEdit } from "./edit/text-edits.ts";
import type { Written } from "./plan-settings.ts";

/** One change of a file. */
export interface JournalStep {
  /** Hash of the content before; null when there was no file. */
  readonly before: string | null;
  readonly after: string;
  /** What leads back, for settings. */
  readonly undo: readonly TextEdit[];
  /** Everything of ours in the file after this step. */
  readonly written: Written;
  /** Mode of the file before, where it was changed. */
  readonly modeBefore?: number | undefined;
}

/** Every change of a file, the oldest first. */
export interface JournalFile {
  readonly path: string;
  /** `whole`: the file is ours altogether. */
  readonly format: FormatName | "whole";
  readonly steps: readonly JournalStep[];
  /** Folders that were made for it, the outer first. */
  readonly madeFolders: readonly string[];
}

/** What was written, by files. */
export interface Journal {
  readonly version: 1;
  readonly files: readonly JournalFile[];
}

export const EMPTY_JOURNAL: Journal = { version: 1, files: [] };

/** Where the journal of a storage folder lies. */
function journalPath(storage: string): string {
  return join(storage, "init-journal.json");
}

/** Reads the journal; an empty one where there is none. @throws CommandError for one that cannot be used. */
export function readJournal(storage: string): Journal {
  let text: string;
  try {
    text = readFileSync(journalPath(storage), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return EMPTY_JOURNAL;
    throw error;
  }
  const journal = parseJournal(text);
  if (journal !== undefined) return journal;
  throw new CommandError(
    `${journalPath(storage)} is not what this version of init writes. Take its changes back by hand, then delete it.`,
  );
}

/**
 * Writes the journal; takes the file away when nothing is left in it.
 *
 * @param seen the journal as it was read or written last.
 * @throws CommandError when another one is there: what it notes must not be lost.
 */
export function replaceJournal(storage: string, seen: Journal, next: Journal): void {
  const path = journalPath(storage);
  if (textOf(readJournal(storage)) !== textOf(seen)) {
    throw new CommandError(`${path}: another init wrote there meanwhile. Run the command again.`);
  }
  if (next.files.length === 0) rmSync(path, { force: true });
  else writeFileWhole(path, textOf(next), 0o600);
}

function textOf(journal: Journal): string {
  return `${JSON.stringify(journal, null, 1)}\n`;
}

/** The journal with another entry for a file; without one when it has no steps. */
export function withFile({ version, files }: Journal, file: JournalFile): Journal {
  const others = files.filter(({ path }) => path !== file.path);
  return { version, files: file.steps.length === 0 ? others : [...others, file] };
}

function parseJournal(text: string): Journal | undefined {
  try {
    const journal = JSON.parse(text) as Partial<Journal>;
    return journal.version === 1 && Array.isArray(journal.files) ? { version: 1, files: journal.files } : undefined;
  } catch {
    return undefined;
  }
}
