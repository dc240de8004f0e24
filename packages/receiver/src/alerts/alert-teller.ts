/** Tells alerts to the webhook of the configuration, each once; for a daemon that looks every now and then. */
import { join } from "node:path";
import type { ZoneCalendar } from "@moai-metrics/model";
import {
  alertsOf,
  atMoment,
  type BudgetSource,
  budgetReport,
  telemetryAlerts,
  watchSettings,
} from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import { planTold, type Told } from "./plan-told.ts";
import { alertMessage, postAlerts } from "./post-alerts.ts";
import { readTold, writeTold } from "./told-file.ts";

/** How to tell. */
export interface AlertTellerOptions {
  /** Folder for the memory of what was told already. */
  readonly folder: string;
  readonly now: () => number;
  /** How long the webhook may take. Default 5,000. */
  readonly timeoutMillis?: number | undefined;
}

/** What to look at. */
export interface AlertInput {
  readonly store: BudgetSource;
  /** The user's own settings: a project must not say where alerts go. */
  readonly config: MetricsConfig;
  readonly calendar: ZoneCalendar;
}

/** What a look came to. */
export type AlertOutcome =
  /** No webhook is set. */
  | { readonly state: "off" }
  /** Another look is still under way. */
  | { readonly state: "busy" }
  /** Told now; 0: nothing is new. */
  | { readonly state: "told"; readonly alerts: number }
  /** Not told, and tried again the next time. */
  | { readonly state: "failed"; readonly alerts: number; readonly reason: string };

/** What was told since the start. */
export interface AlertCounters {
  /** Alerts that the webhook has taken. */
  readonly told: number;
  /** Looks that ended in a failure. */
  readonly failures: number;
  /** Why the last failure was one; undefined when there was none, or one succeeded since. */
  readonly lastFailure: string | undefined;
}

/** Looks and tells. */
export interface AlertTeller {
  /** Looks once, and posts what is news. Never rejects, and never waits longer than the time limit for an answer. */
  tell(input: AlertInput): Promise<AlertOutcome>;
  counters(): AlertCounters;
}

const MEMORY_FILE = "told.json";
const DEFAULT_TIMEOUT_MILLIS = 5_000;

/** Creates a teller. One process at a time should look, or each of them tells. */
export function createAlertTeller(options: AlertTellerOptions): AlertTeller {
  const { folder, now, timeoutMillis = DEFAULT_TIMEOUT_MILLIS } = options;
  const path = join(folder, MEMORY_FILE);
  let told = 0;
  let failures = 0;
  let lastFailure: string | undefined;
  let isBusy = false;
  // What was posted and could not be written down is still not told twice by this process.
  let memory: Told | undefined;

  const look = async ({ store, config, calendar }: AlertInput, url: string): Promise<AlertOutcome> => {
    const nowMillis = now();
    const report = budgetReport(store, { ...watchSettings(config), calendar, range: atMoment(nowMillis) });
    memory ??= readTold(path);
    const planned = planTold([...alertsOf(report), ...telemetryAlerts(store.ledger, nowMillis)], memory, nowMillis);
    if (planned.news.length > 0) {
      const reason = await postAlerts(url, alertMessage(planned.news, nowMillis), timeoutMillis);
      if (reason !== undefined) return { state: "failed", alerts: planned.news.length, reason };
      told += planned.news.length;
    }
    const isChanged = planned.news.length > 0 || Object.keys(planned.told).length !== Object.keys(memory).length;
    memory = planned.told;
    if (isChanged) writeTold(path, memory);
    return { state: "told", alerts: planned.news.length };
  };

  return Object.freeze({
    async tell(input: AlertInput): Promise<AlertOutcome> {
      const url = input.config.alerts.webhook;
      if (url === undefined) return { state: "off" };
      if (isBusy) return { state: "busy" };
      isBusy = true;
      try {
        const outcome = await look(input, url).catch(failureOf);
        lastFailure = outcome.state === "failed" ? outcome.reason : undefined;
        if (outcome.state === "failed") failures += 1;
        return outcome;
      } finally {
        isBusy = false;
      }
    },
    counters: () => ({ told, failures, lastFailure }),
  });
}

/** The store or the folder cannot be used. */
function failureOf(error: unknown): AlertOutcome {
  return { state: "failed", alerts: 0, reason: error instanceof Error ? error.message : String(error) };
}
