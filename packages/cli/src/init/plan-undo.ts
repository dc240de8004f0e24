/** From the journal and what is on the disk to how everything was before. Pure. */
import { SETTINGS_FORMATS } from "./edit/settings-format.ts";
import { applyEdits } from "./edit/text-edits.ts";
import { type FileState, hashOf } from "./file-state.ts";
import type { JournalFile } from "./journal.ts";
import { settled } from "./plan-files.ts";
import { planRemoval, type Wish } from "./plan-settings.ts";

/** How a file is taken back. */
export interface UndoPlan {
  readonly path: string;
  readonly target: string;
  /** Said instead of what the file holds. */
  readonly shownAs?: string;
  readonly before: string | undefined;
  /** Undefined: there will be no file. */
  readonly after: string | undefined;
  readonly mode: number | undefined;
  /** The file will be what it was before, to the byte; else it was changed since and only what is ours goes. */
  readonly isExact: boolean;
  /** Values of ours that were changed since and stay. */
  readonly left: readonly Wish[];
  /** Why the file is not touched. */
  readonly problem: string | undefined;
  readonly madeFolders: readonly string[];
}

/** Plans a file back. Undefined when nothing of ours is in it any more. */
export function planUndo(file: JournalFile, state: FileState): UndoPlan | undefined {
  const known = settled(file, state);
  if (state.problem !== undefined) {
    const { path, madeFolders } = file;
    const { target, problem } = state;
    return {
      path,
      target,
      problem,
      madeFolders,
      before: undefined,
      after: undefined,
      mode: undefined,
      isExact: false,
      left: [],
    };
  }
  if (known === undefined || state.text === undefined) return undefined;
  const base = {
    path: file.path,
    target: state.target,
    before: state.text,
    madeFolders: file.madeFolders,
    mode: undefined,
    left: [],
    problem: undefined,
  };
  const rewound = rewind(known, state.text);
  if (known.format === "whole" && rewound.isWhole) {
    return { ...base, after: rewound.text, isExact: true, shownAs: "as init wrote it" };
  }
  if (rewound.isWhole) return { ...base, after: rewound.text, mode: rewound.mode, isExact: true };
  if (known.format === "whole") {
    return {
      ...base,
      after: state.text,
      isExact: false,
      problem: "it was changed since. Delete it if you do not need it",
    };
  }
  const reason = SETTINGS_FORMATS[known.format].problem(state.text);
  if (reason !== undefined) {
    return { ...base, after: state.text, isExact: false, problem: `${reason}. Mend it, then run init --undo again` };
  }
  const { text, left } = planRemoval(rewound.text ?? "", known.format, rewound.written);
  const wasMade = known.steps[0]?.before === null;
  const isEmpty = text.trim() === "" || text.trim() === "{}";
  return { ...base, after: wasMade && isEmpty ? undefined : text, isExact: false, left };
}

/** Takes steps back as long as each finds what it left; says whether none remained. */
function rewind(file: JournalFile, current: string) {
  let text: string | undefined = current;
  let mode: number | undefined;
  let steps = file.steps;
  for (let step = steps.at(-1); step !== undefined && text !== undefined; step = steps.at(-1)) {
    if (hashOf(text) !== step.after) break;
    if (step.before === null || file.format === "whole") {
      // There was no file, whatever we did to an earlier one; or an older one of ours, which goes with the first step.
      text = undefined;
      steps = [];
      break;
    }
    text = applyEdits(text, step.undo);
    mode = step.modeBefore ?? mode;
    steps = steps.slice(0, -1);
  }
  const written = steps.at(-1)?.written ?? { wishes: [], made: [] };
  return { text, mode, written, isWhole: steps.length === 0 };
}
