/** From what shall be in files, and what is, to the changes. Pure. */
import { type FormatName, SETTINGS_FORMATS } from "./edit/settings-format.ts";
import { invertEdits } from "./edit/text-edits.ts";
import { type FileState, hashOf } from "./file-state.ts";
import type { Journal, JournalFile, JournalStep } from "./journal.ts";
import { type KeptValue, NOTHING_WRITTEN, planSettings, type Wish, type Written } from "./plan-settings.ts";

/** A file that shall say something. */
export type WantedFile = {
  readonly path: string;
  /** Of a new file, and the most that others may do with one that holds a token. */
  readonly mode: number;
} & (
  | { readonly format: FormatName; readonly wishes: readonly Wish[]; readonly hasToken: boolean }
  | {
      readonly format: "whole";
      readonly content: string;
      /** What it is, where that says more than its lines. */
      readonly shownAs?: string | undefined;
    }
);

/** What happens to a file. */
export interface FileChange {
  readonly path: string;
  readonly target: string;
  /** What it is, where that says more than its lines. */
  readonly shownAs?: string | undefined;
  readonly before: string | undefined;
  readonly after: string;
  /** The mode that it gets; undefined: as it is. */
  readonly mode: number | undefined;
  /** What the journal says of the file once that is done. */
  readonly journal: JournalFile;
}

/** What a file turned out to need. */
export interface FilePlan {
  readonly path: string;
  /** Undefined when the file is as it shall be, or is not touched. */
  readonly change: FileChange | undefined;
  /** Why the file is not touched at all. */
  readonly problem: string | undefined;
  readonly kept: readonly KeptValue[];
  readonly impossible: readonly Wish[];
}

/** Plans one file. */
export function planFile(wanted: WantedFile, state: FileState, journal: Journal): FilePlan {
  if (state.problem !== undefined) return untouched(wanted.path, state.problem);
  const known = settled(
    journal.files.find(({ path }) => path === wanted.path),
    state,
  );
  return wanted.format === "whole" ? planWhole(wanted, state, known) : planSettingsFile(wanted, state, known);
}

/** What we have in a file, of what its journal says and what is there. */
export function writtenIn(journal: Journal, path: string, state: FileState): Written {
  return (
    settled(
      journal.files.find((file) => file.path === path),
      state,
    )?.steps.at(-1)?.written ?? NOTHING_WRITTEN
  );
}

/** Without a last step that was noted and then not done, because we were killed in between. */
export function settled(file: JournalFile | undefined, { text }: Pick<FileState, "text">): JournalFile | undefined {
  const last = file?.steps.at(-1);
  if (file === undefined || last === undefined) return undefined;
  const now = text === undefined ? null : hashOf(text);
  if (now !== last.before || now === last.after) return file;
  const steps = file.steps.slice(0, -1);
  return steps.length === 0 ? undefined : { ...file, steps };
}

type Wanted<Format> = Extract<WantedFile, { readonly format: Format }>;

function planSettingsFile(wanted: Wanted<FormatName>, state: FileState, known: JournalFile | undefined): FilePlan {
  const { path, format, wishes } = wanted;
  const { emptyText, problem } = SETTINGS_FORMATS[format];
  const before = state.text;
  const base = before === undefined || before.trim() === "" ? emptyText : before;
  const reason = problem(base);
  if (reason !== undefined) return untouched(path, `${reason}. Mend it, then run init again`);
  const plan = planSettings(base, format, wishes, known?.steps.at(-1)?.written);
  const result = { path, kept: plan.kept, impossible: plan.impossible, problem: undefined };
  const mode = wanted.hasToken && state.mode !== undefined ? closed(state.mode) : undefined;
  if (plan.text === base && mode === undefined) return { ...result, change: undefined };
  const step: JournalStep = {
    before: before === undefined ? null : hashOf(before),
    after: hashOf(plan.text),
    undo: [...invertEdits(plan.edits), ...(before === undefined || before === base ? [] : [backTo(base, before)])],
    written: plan.written,
    modeBefore: mode === undefined ? undefined : state.mode,
  };
  return { ...result, change: changeOf(wanted, state, plan.text, step, known, mode) };
}

function planWhole(wanted: Wanted<"whole">, state: FileState, known: JournalFile | undefined): FilePlan {
  const { path, content } = wanted;
  if (state.text === content) return untouched(path, undefined);
  const isOurs = state.text === undefined || known?.steps.at(-1)?.after === hashOf(state.text);
  if (!isOurs) return untouched(path, "it is there already and was not written by init, or was changed since");
  const before = state.text === undefined ? null : hashOf(state.text);
  const step: JournalStep = { before, after: hashOf(content), undo: [], written: NOTHING_WRITTEN };
  const change = changeOf(wanted, state, content, step, known, undefined);
  return { path, kept: [], impossible: [], problem: undefined, change };
}

function changeOf(
  wanted: WantedFile,
  { target, text }: FileState,
  after: string,
  step: JournalStep,
  known: JournalFile | undefined,
  mode: number | undefined,
): FileChange {
  const { path, format, mode: newMode } = wanted;
  const shownAs = wanted.format === "whole" ? wanted.shownAs : undefined;
  const journal = { path, format, madeFolders: known?.madeFolders ?? [], steps: [...(known?.steps ?? []), step] };
  return { path, target, shownAs, before: text, after, mode: text === undefined ? newMode : mode, journal };
}

function untouched(path: string, problem: string | undefined): FilePlan {
  return { path, change: undefined, problem, kept: [], impossible: [] };
}

/** Nobody else may read a token; undefined when that is so already. */
function closed(mode: number): number | undefined {
  return (mode & 0o077) === 0 ? undefined : mode & 0o700;
}

/** A file of blanks was replaced by an empty one of its format. */
function backTo(base: string, before: string): { offset: number; removed: string; inserted: string } {
  return { offset: 0, removed: base, inserted: before };
}
