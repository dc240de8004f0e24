/** What the daemon does with what is stored: writes the reports that are due, and tells alerts. */
import { createZoneCalendar, systemOffsetAt } from "@moai-metrics/model";
import { type Environment, loadConfig } from "@moai-metrics/settings";
import type { AlertTeller } from "../alerts/alert-teller.ts";
import { writeDueReports } from "../written-reports/write-due-reports.ts";
import type { BackgroundEvent } from "./messages.ts";
import type { PeriodicJob } from "./periodic-work.ts";

/** What both jobs need. */
export interface TellingJobOptions {
  readonly environment: Environment;
  readonly timeZone: string;
  readonly now: () => number;
  readonly tell: (event: BackgroundEvent) => void;
}

/** Rounds follow every line that an agent writes; nobody waits for reports and alerts as eagerly. */
const EVERY_MILLIS = 30_000;

/** A round is not held up longer than this; what is left is written the next time. */
const MAX_REPORT_MILLIS = 200;

/** Writes the reports of closed days and weeks that are missing or out of date. */
export function createReportsJob(storage: string, options: TellingJobOptions): PeriodicJob {
  const { environment, timeZone, now, tell } = options;
  const warn = (message: string): void => tell({ kind: "warning", message });
  return seldom(now, {
    name: "reports",
    run: (store) =>
      writeDueReports(store, {
        storage,
        environment,
        timeZone,
        nowMillis: now(),
        maxMillis: MAX_REPORT_MILLIS,
        warn,
      }),
  });
}

/** Looks for alerts and posts them to the user's webhook; the round does not wait for its answer. */
export function createAlertsJob(teller: AlertTeller, options: TellingJobOptions): PeriodicJob {
  const { environment, timeZone, now, tell } = options;
  const calendar = createZoneCalendar(timeZone, systemOffsetAt);
  let told: string | undefined;
  return seldom(now, {
    name: "alerts",
    run: (store) => {
      const { config } = loadConfig({ environment, folder: "/" });
      void teller.tell({ store, config, calendar }).then((outcome) => {
        const reason = outcome.state === "failed" ? outcome.reason : undefined;
        if (reason !== undefined && reason !== told) {
          tell({ kind: "warning", message: `Alerts were not told to the webhook: ${reason}. It is tried again.` });
        }
        told = reason;
      });
    },
  });
}

function seldom(now: () => number, { name, run }: PeriodicJob): PeriodicJob {
  let dueMillis = Number.NEGATIVE_INFINITY;
  return {
    name,
    run: (store) => {
      const nowMillis = now();
      if (nowMillis < dueMillis) return undefined;
      dueMillis = nowMillis + EVERY_MILLIS;
      return run(store);
    },
  };
}
