/** Entry of the daemon's thread that takes in files and looks after the store. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { createUpkeep } from "@moai-metrics/store";
import { createAlertTeller } from "../alerts/alert-teller.ts";
import type { BackgroundEvent, BackgroundPlace } from "./messages.ts";
import { startTakingIn } from "./take-in.ts";
import { createAlertsJob, createReportsJob } from "./telling-jobs.ts";

const { storage, environment, homeFolder, timeZone, stopFlag } = workerData as BackgroundPlace;
const tell = (event: BackgroundEvent): void => parentPort?.postMessage(event);
/** Reading does not give way to messages: a flag in shared memory reaches it. */
const signal = {
  get aborted() {
    return Atomics.load(stopFlag, 0) !== 0;
  },
} as AbortSignal;

const telling = { environment, timeZone, now: Date.now, tell };
const takingIn = startTakingIn({
  ...{ storage, environment, homeFolder, signal, tell },
  jobs: [
    createReportsJob(storage, telling),
    createAlertsJob(createAlertTeller({ folder: join(storage, "alerts"), now: Date.now }), telling),
  ],
});
const upkeep = createUpkeep({ maintain: (run) => takingIn.file.use((store) => store.maintain(run)) });
upkeep.start();

parentPort?.on("message", () => {
  void upkeep
    .stop()
    .then(() => takingIn.stop())
    .then(() => parentPort?.close());
});
