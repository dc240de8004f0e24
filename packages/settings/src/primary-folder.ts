/** The folder of a project, where a session worked in a worktree of it. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { primaryCheckout } from "./config/find-config.ts";

/** Where agents make their worktrees inside of a project: these are known as such when they are gone. */
const AGENT_WORKTREE = /^(.+?)[\\/]\.(?:claude|moai)[\\/]worktrees[\\/][^\\/]+(.*)$/;

/**
 * The same folder in the primary checkout, so that work in worktrees counts under one project; any other folder as it
 * is. A worktree is told by its `.git` file while it is there, later only by the place where agents make theirs.
 */
export function primaryFolder(folder: string): string {
  if (!isAbsolute(folder)) return folder;
  for (let at = folder; ; at = dirname(at)) {
    const primary = primaryCheckout(at);
    if (primary !== undefined) return join(primary, relative(at, folder));
    if (at === dirname(at) || existsSync(join(at, ".git"))) break;
  }
  const [, project, rest = ""] = AGENT_WORKTREE.exec(folder) ?? [];
  // In the user's own folder, `.moai` belongs to no project.
  return project === undefined || !existsSync(join(project, ".git")) ? folder : project + rest;
}
