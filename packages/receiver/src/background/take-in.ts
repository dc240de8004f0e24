/** Takes in transcripts and the spool when they change, and now and then. For a thread that may be busy for a while. */
import { mkdirSync } from "node:fs";
import { createTranscriptSources } from "@moai-metrics/agents";
import { databasePath, type Environment, loadConfig, spoolFolder } from "@moai-metrics/settings";
import { createUsableStore, type StoreOptions, storeSettingsOf, type UsableStore } from "@moai-metrics/store";
import { projectConfigs } from "../project-configs.ts";
import type { BackgroundEvent } from "./messages.ts";
import { createCatchUpJob, createPeriodicWork, type PeriodicJob } from "./periodic-work.ts";
import { createRounds } from "./rounds.ts";
import { watchFolders } from "./watch-folders.ts";

/** A line is written in pieces. */
const SETTLE_MILLIS = 30;
/** Agents write line by line: a moment later there is more to read at once. */
const REST_MILLIS = 300;
/** Where the system does not tell of changes, this is how late we are. */
const POLL_MILLIS = 30_000;

/** What is taken in, and where from. */
export interface TakingInOptions {
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
  /** Stops behind the current line when aborted. */
  readonly signal: AbortSignal;
  readonly tell: (event: BackgroundEvent) => void;
  /** Called again and again while much is read. */
  readonly onProgress?: (() => void) | undefined;
  /** What else is done in every round. */
  readonly jobs?: readonly PeriodicJob[] | undefined;
  /** Little at a time is written, and little memory taken: options of the store. */
  readonly memory?: Pick<StoreOptions, "cacheBytes" | "remembersRows"> | undefined;
}

/** Taking in. */
export interface TakingIn {
  /** The file that is written to. */
  readonly file: UsableStore;
  /** Ends it; resolves when no round runs any more and the file is closed. */
  stop(): Promise<void>;
}

/** Begins. @throws ConfigError when the user's settings cannot be read. */
export function startTakingIn(options: TakingInOptions): TakingIn {
  const { storage, environment, homeFolder, signal, tell, onProgress, jobs = [], memory } = options;
  const { config } = loadConfig({ environment, folder: "/" });
  const file = createUsableStore(
    {
      path: databasePath(storage),
      settings: storeSettingsOf(config),
      prices: config.prices,
      labels: config.labels,
      ...memory,
    },
    () => performance.now(),
  );
  const spool = spoolFolder(storage);
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const sources = createTranscriptSources();
  const agentEnvironment = { homeFolder, variables: environment };
  const catchUp = createCatchUpJob({
    ...{ sources, environment: agentEnvironment, spoolFolder: spool, signal, now: Date.now, tell, onProgress },
    configOf: projectConfigs(environment, (message) => tell({ kind: "warning", message })),
  });
  const work = createPeriodicWork({ file, jobs: [catchUp, ...jobs], tell, onBusy: () => rounds.request() });
  const folders = [spool, ...sources.flatMap((source) => source.roots(agentEnvironment))];
  const watch = watchFolders(folders, () => rounds.request());
  const rounds = createRounds({
    work: async () => {
      await work();
      // What changed in a new folder before it was watched was told by no one.
      if (watch.refresh()) rounds.request();
    },
    ...{ settleMillis: SETTLE_MILLIS, restMillis: REST_MILLIS, everyMillis: POLL_MILLIS },
  });
  return {
    file,
    stop: async () => {
      watch.close();
      await rounds.stop();
      file.close();
    },
  };
}
