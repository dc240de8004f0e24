/** Entry of the thread that takes in files and looks after the store. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { createTranscriptSources } from "@moai-metrics/agents";
import { databasePath, loadConfig, spoolFolder } from "@moai-metrics/settings";
import { createUpkeep, createUsableStore, storeSettingsOf } from "@moai-metrics/store";
import { createAlertTeller } from "../alerts/alert-teller.ts";
import { projectConfigs } from "../project-configs.ts";
import type { BackgroundEvent, BackgroundPlace } from "./messages.ts";
import { createCatchUpJob, createPeriodicWork } from "./periodic-work.ts";
import { createRounds } from "./rounds.ts";
import { createAlertsJob, createReportsJob } from "./telling-jobs.ts";
import { watchFolders } from "./watch-folders.ts";

/** Agents write line by line: a moment later there is more to read at once. */
const SETTLE_MILLIS = 300;
/** Where the system does not tell of changes, this is how late we are. */
const POLL_MILLIS = 30_000;

const { storage, environment, homeFolder, timeZone, isDaemon, stopFlag } = workerData as BackgroundPlace;
const tell = (event: BackgroundEvent): void => parentPort?.postMessage(event);
const { config } = loadConfig({ environment, folder: "/" });
const path = databasePath(storage);
const file = createUsableStore({ path, settings: storeSettingsOf(config), prices: config.prices }, () =>
  performance.now(),
);
/** Reading does not give way to messages: a flag in shared memory reaches it. */
const signal = {
  get aborted() {
    return Atomics.load(stopFlag, 0) !== 0;
  },
} as AbortSignal;

const spool = spoolFolder(storage);
mkdirSync(spool, { recursive: true, mode: 0o700 });
const sources = createTranscriptSources();
const agentEnvironment = { homeFolder, variables: environment };
const configOf = projectConfigs(environment, (message) => tell({ kind: "warning", message }));

const telling = { environment, timeZone, now: Date.now, tell };
const jobs = [
  createCatchUpJob({
    sources,
    environment: agentEnvironment,
    spoolFolder: spool,
    configOf,
    signal,
    now: Date.now,
    tell,
  }),
  ...(isDaemon
    ? [
        createReportsJob(storage, telling),
        createAlertsJob(createAlertTeller({ folder: join(storage, "alerts"), now: Date.now }), telling),
      ]
    : []),
];
const work = createPeriodicWork({ file, jobs, tell, onBusy: () => rounds.request() });
const folders = [spool, ...sources.flatMap((source) => source.roots(agentEnvironment))];
const watch = watchFolders(folders, () => rounds.request());
const rounds = createRounds({
  work: async () => {
    await work();
    // What changed in a new folder before it was watched was told by no one.
    if (watch.refresh()) rounds.request();
  },
  settleMillis: SETTLE_MILLIS,
  everyMillis: POLL_MILLIS,
});
const upkeep = createUpkeep({ maintain: (run) => file.use((store) => store.maintain(run)) });
if (isDaemon) upkeep.start();

parentPort?.on("message", () => {
  watch.close();
  void Promise.all([rounds.stop(), upkeep.stop()]).then(() => {
    file.close();
    parentPort?.close();
  });
});
