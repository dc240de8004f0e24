/** Where configurations lie. Looks at the disk and reads nothing but git's link files. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Environment, homeFolder } from "../storage.ts";

/** Files of a project that may hold its configuration, the first one found is meant. */
const PROJECT_FILES = [join(".moai", "metrics", "config.json"), join(".moai", "config", "config.json")];

/** The file that `config set` makes in a project. */
export const NEW_PROJECT_FILE = join(".moai", "metrics", "config.json");

/** The user's own file: `$XDG_CONFIG_HOME/moai-metrics/config.json`, else below `~/.config`. It need not exist. */
export function userConfigFile(environment: Environment): string {
  const xdg = environment["XDG_CONFIG_HOME"];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeFolder(environment), ".config");
  return join(base, "moai-metrics", "config.json");
}

/** A project, and the configuration that was found in it. */
export interface ProjectConfigFile {
  /** Folder of the project's primary checkout. */
  readonly folder: string;
  readonly path: string;
}

/**
 * The configuration of the project that a folder lies in: of the nearest folder above that has one. A worktree has
 * that of its primary checkout. Undefined when there is none.
 */
export function findProjectConfig(folder: string): ProjectConfigFile | undefined {
  return createProjectFinder()(folder);
}

/** The same for many folders at one moment: what they lie in is looked at once. */
export function createProjectFinder(): typeof findProjectConfig {
  const known = new Map<string, ProjectConfigFile | undefined>();
  const find = (at: string): ProjectConfigFile | undefined => {
    if (known.has(at)) return known.get(at);
    const isTop = (): boolean => at === dirname(at) || existsSync(join(at, ".git"));
    const found = configIn(at) ?? primaryConfig(at) ?? (isTop() ? undefined : find(dirname(at)));
    known.set(at, found);
    return found;
  };
  return (folder) => find(resolve(folder));
}

function configIn(folder: string): ProjectConfigFile | undefined {
  const path = PROJECT_FILES.map((file) => join(folder, file)).find((file) => existsSync(file));
  return path === undefined ? undefined : { folder, path };
}

function primaryConfig(folder: string): ProjectConfigFile | undefined {
  const primary = primaryCheckout(folder);
  return primary === undefined ? undefined : configIn(primary);
}

/**
 * The primary checkout of a git worktree; undefined for any other folder. In a worktree `.git` is a file that names
 * `<primary>/.git/worktrees/<name>` (gitrepository-layout).
 */
export function primaryCheckout(worktree: string): string | undefined {
  const link = join(worktree, ".git");
  try {
    // Most folders have none: an error made for each of them would take longer than all the looking.
    if (statSync(link, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    const named = /^gitdir: (.+)$/m.exec(readFileSync(link, "utf8"))?.[1]?.trim();
    if (named === undefined) return undefined;
    const gitFolder = resolve(worktree, named);
    const primary = /^(.*)[\\/]\.git[\\/]worktrees[\\/][^\\/]+$/.exec(gitFolder)?.[1];
    return primary !== undefined && existsSync(primary) ? primary : undefined;
  } catch {
    return undefined;
  }
}
