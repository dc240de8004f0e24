/**
 * The hooks that agents wait for, apart from the programme: the launcher loads this file and nothing else. As it is
 * published, it is one file of CommonJS, which a Node that has just started reads in a millisecond.
 */
import { isLeftHook, leaveHook } from "./leave-hook.ts";

/**
 * Leaves what a hook is called for in the spool, without a word.
 *
 * @param argv what stands behind `hook`.
 * @returns false when these are no words of such a hook, but of one that answers, or a question for help.
 */
export function runHook(argv: readonly string[]): boolean {
  if (argv.includes("--help") || argv.includes("-h") || !isLeftHook(argv)) return false;
  leaveHook({ argv, variables: process.env, workingFolder: process.cwd() });
  return true;
}
