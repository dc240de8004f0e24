/** Writes the reports that are due when a command has caught up: the user's, and those of each project that wants them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeReports } from "@moai-metrics/receiver";
import { findProjectConfig, type LoadedConfig, loadConfig, projectStorage } from "@moai-metrics/settings";
import type { CliContext, OpenLedger } from "../context.ts";
import type { Screen } from "../output/screen.ts";

/** A command may take this much longer for it; what is left is written the next time. */
const MAX_MILLIS = 40;

/** How much time there is. */
export interface DueReportsOptions {
  /** After an import everything is written. */
  readonly isUnhurried?: boolean | undefined;
}

/** What goes wrong is told in one line and does not spoil the answer. */
export function writeDueReports(
  context: CliContext,
  { store, storage, caughtUp }: OpenLedger,
  { calendar }: Pick<Screen, "calendar">,
  { isUnhurried = false }: DueReportsOptions = {},
): void {
  if (caughtUp === undefined || storage === undefined) return;
  const { sources, spool, hooks } = caughtUp;
  const hasNewFacts =
    sources.some(({ inserted, changed }) => inserted + changed > 0) ||
    (spool?.facts ?? 0) > 0 ||
    (hooks?.facts ?? 0) > 0 ||
    caughtUp.silentTasksClosed > 0;
  const environment = context.environment.variables;
  const write = (folder: string, { config }: LoadedConfig, projects?: readonly string[]): void => {
    writeReports(store, {
      folder,
      calendar,
      nowMillis: context.now(),
      hasDays: config.reporting.writesDaily,
      hasWeeks: config.reporting.writesWeekly,
      hasAgents: config.agents.aggregatesDaily,
      filter: projects === undefined ? {} : { projects },
      hasNewFacts,
      maxMillis: isUnhurried ? undefined : MAX_MILLIS,
    });
  };
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      context.warn(
        `The reports of ${what} were not written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  attempt("the user", () => write(join(storage, "reports"), loadConfig({ environment, folder: "/" })));
  for (const [folder, paths] of projectsWithStorage(
    store.ledger.usage({ by: ["project"] }).map(({ project = "" }) => project),
  )) {
    attempt(folder, () => {
      const loaded = loadConfig({ environment, folder });
      const said = loaded.layers.find(({ origin }) => origin === "project")?.block.storage;
      if (loaded.project === undefined || said === undefined) return;
      const home = projectStorage(loaded.project, loaded.config);
      ignoreInGit(home);
      write(join(home, "reports"), loaded, paths);
    });
  }
}

/** Folders of projects with a configuration, and the paths of their sessions: worktrees and inner folders, too. */
function projectsWithStorage(projects: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of projects) {
    const folder = path === "" ? undefined : findProjectConfig(path)?.folder;
    if (folder !== undefined) found.set(folder, [...(found.get(folder) ?? []), path]);
  }
  return found;
}

/** Figures are no one's source code; the configuration is. */
function ignoreInGit(folder: string): void {
  const path = join(folder, ".gitignore");
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, "*\n!.gitignore\n!config.json\n");
}
