/** What `doctor` finds. */

/** `ok`: it holds; `note`: good to know; `problem`: something does not hold. */
export type FindingState = "ok" | "note" | "problem";

/** One finding. */
export interface Finding {
  /** What it is about: `machine`, or an agent's id. */
  readonly about: string;
  /** What was looked at, `receiver` for example. */
  readonly check: string;
  readonly state: FindingState;
  readonly message: string;
  /** What to do; undefined when there is nothing to do. */
  readonly next?: string | undefined;
}

/** Makes findings about one thing. */
export function findingsAbout(about: string) {
  const make =
    (state: FindingState) =>
    (check: string, message: string, next?: string): Finding => ({ about, check, state, message, next });
  return { ok: make("ok"), note: make("note"), problem: make("problem") };
}
