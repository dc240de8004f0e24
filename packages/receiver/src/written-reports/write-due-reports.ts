/** Writes the reports that are due: the user's, and those of each project that wants them. */
import { join } from "node:path";
import { createZoneCalendar, systemOffsetAt } from "@moai-metrics/model";
import { hiddenKeys, toPlainText } from "@moai-metrics/report";
import {
  createProjectFinder,
  type Environment,
  ignoreInGit,
  type LoadedConfig,
  loadConfig,
  projectStorage,
  shownMeasures,
} from "@moai-metrics/settings";
import type { Store } from "@moai-metrics/store";
import { type MissingReport, missingReports, type WriteReportsOptions, writeReports } from "./write-reports.ts";

/** What is due, and for how long to write. */
export interface DueReportsOptions {
  /** The user's storage folder. */
  readonly storage: string;
  readonly environment: Environment;
  /** The machine's zone, whose days the reports are about: they must not change with a flag of one command. */
  readonly timeZone: string;
  readonly nowMillis: number;
  /** Of each folder: what is left is written the next time. Default: no limit. */
  readonly maxMillis?: number | undefined;
  /** Told in one line what goes wrong; the other folders go on. */
  readonly warn: (line: string) => void;
}

/** Never throws for what a folder or a configuration holds. */
export function writeDueReports(store: Pick<Store, "ledger">, options: DueReportsOptions): void {
  inEachFolder(store, options, (writing, projectHome) => {
    if (projectHome !== undefined) ignoreInGit(projectHome);
    writeReports(store, writing);
  });
}

/** Reports that are due in any folder and not there. Writes nothing, and never throws, as {@link writeDueReports}. */
export function missingDueReports(store: Pick<Store, "ledger">, options: DueReportsOptions): MissingReport[] {
  const missing: MissingReport[] = [];
  inEachFolder(store, options, (writing) => missing.push(...missingReports(store, writing)));
  return missing;
}

/** The user's folder of reports, and that of each project that wants them. */
function inEachFolder(
  store: Pick<Store, "ledger">,
  { storage, environment, timeZone, nowMillis, maxMillis, warn }: DueReportsOptions,
  work: (writing: WriteReportsOptions, projectHome: string | undefined) => void,
): void {
  const calendar = createZoneCalendar(timeZone, systemOffsetAt);
  const writingOf = (folder: string, { config }: LoadedConfig, projects?: readonly string[]): WriteReportsOptions => ({
    folder: join(folder, "reports"),
    calendar,
    nowMillis,
    hasDays: config.reporting.writesDaily,
    hasWeeks: config.reporting.writesWeekly,
    hidden: hiddenKeys(config),
    qualityMeasures: shownMeasures(config),
    filter: projects === undefined ? {} : { projects },
    maxMillis,
  });
  const attempt = (what: string, attempted: () => void): void => {
    try {
      attempted();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn(`The reports of ${toPlainText(what)} were not written: ${toPlainText(reason)}. ${REMEDY}`);
    }
  };
  attempt("all projects", () => work(writingOf(storage, loadConfig({ environment, folder: "/" })), undefined));
  for (const [folder, projects] of projectsWithConfig(store.ledger.projects())) {
    attempt(folder, () => {
      const loaded = loadConfig({ environment, folder });
      const said = loaded.layers.find(({ origin }) => origin === "project")?.block.storage;
      if (loaded.project === undefined || said === undefined) return;
      const home = projectStorage(loaded.project, loaded.config);
      work(writingOf(home, loaded, projects), home);
    });
  }
}

const REMEDY = "Next time it is tried again; reporting.daily_summary and reporting.weekly_report switch them off.";

/** Folders of projects with a configuration, and the paths of their sessions: worktrees and inner folders, too. */
function projectsWithConfig(projects: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const findProjectConfig = createProjectFinder();
  for (const path of projects) {
    const folder = path === "" ? undefined : findProjectConfig(path)?.folder;
    if (folder !== undefined) found.set(folder, [...(found.get(folder) ?? []), path]);
  }
  return found;
}
