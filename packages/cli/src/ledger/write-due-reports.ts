/** Writes the reports that are due when a command has caught up: the user's, and those of each project that wants them. */
import { join } from "node:path";
import { createZoneCalendar, systemOffsetAt } from "@moai-metrics/model";
import { writeReports } from "@moai-metrics/receiver";
import { hiddenKeys, toPlainText } from "@moai-metrics/report";
import {
  findProjectConfig,
  type LoadedConfig,
  loadConfig,
  projectStorage,
  shownMeasures,
} from "@moai-metrics/settings";
import type { CliContext, OpenLedger } from "../context.ts";
import { ignoreInGit } from "../output/ignore-in-git.ts";

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
  { isUnhurried = false }: DueReportsOptions = {},
): void {
  if (caughtUp === undefined || storage === undefined) return;
  const { variables: environment, timeZone } = context.environment;
  // Days of the machine: a flag of one command must not make every report anew.
  const calendar = createZoneCalendar(timeZone, systemOffsetAt);
  const write = (folder: string, { config }: LoadedConfig, projects?: readonly string[]): void => {
    writeReports(store, {
      folder: join(folder, "reports"),
      calendar,
      nowMillis: context.now(),
      hasDays: config.reporting.writesDaily,
      hasWeeks: config.reporting.writesWeekly,
      hidden: hiddenKeys(config),
      qualityMeasures: shownMeasures(config),
      filter: projects === undefined ? {} : { projects },
      maxMillis: isUnhurried ? undefined : MAX_MILLIS,
    });
  };
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.warn(`The reports of ${toPlainText(what)} were not written: ${toPlainText(reason)}. ${REMEDY}`);
    }
  };
  attempt("all projects", () => write(storage, loadConfig({ environment, folder: "/" })));
  for (const [folder, projects] of projectsWithConfig(store.ledger.projects())) {
    attempt(folder, () => {
      const loaded = loadConfig({ environment, folder });
      const said = loaded.layers.find(({ origin }) => origin === "project")?.block.storage;
      if (loaded.project === undefined || said === undefined) return;
      const home = projectStorage(loaded.project, loaded.config);
      ignoreInGit(home);
      write(home, loaded, projects);
    });
  }
}

const REMEDY = "Next time it is tried again; reporting.daily_summary and reporting.weekly_report switch them off.";

/** Folders of projects with a configuration, and the paths of their sessions: worktrees and inner folders, too. */
function projectsWithConfig(projects: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of projects) {
    const folder = path === "" ? undefined : findProjectConfig(path)?.folder;
    if (folder !== undefined) found.set(folder, [...(found.get(folder) ?? []), path]);
  }
  return found;
}
