/**
 * `hook budget`: what Claude Code asks before it goes on. It answers on standard output, and on any error of its own it
 * is silent and ends with 0: telemetry never stops an agent by accident (exit code 2 would).
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { alertsOf, atMoment, budgetReport, watchSettings } from "@moai-metrics/report";
import { loadConfig, resolveStorageFolder } from "@moai-metrics/settings";
import type { CliEnvironment } from "../environment.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { resolveScreen } from "../output/screen.ts";
import { readInput, STDIN } from "../terminal/read-input.ts";
import { alertsOfSession, budgetsOf, decideBudget, PRODUCT } from "./decide-budget.ts";
import { newsForSession } from "./hook-memory.ts";
import { type HookPayload, parseHookPayload } from "./hook-payload.ts";

/** A payload may carry what a tool returned. */
const MAX_INPUT_BYTES = 64_000_000;

/** More of the session's transcripts than this is left to other commands: the agent waits. */
const MAX_BYTES_TO_READ = 8_000_000;

/** Nor does the agent wait long for another process that writes. */
const BUSY_TIMEOUT_MILLIS = 100;

/** Where the hook runs. */
export interface BudgetHookOptions {
  readonly argv: readonly string[];
  readonly environment: CliEnvironment;
  readonly nowMillis: number;
}

/** Reads standard input; returns the answer for standard output. Never throws. */
export function runBudgetHook(options: BudgetHookOptions): Promise<string> {
  return answerBudgetHook(readInput(STDIN, MAX_INPUT_BYTES), options);
}

/** The answer to a payload. Never throws. */
export async function answerBudgetHook(text: string, options: BudgetHookOptions): Promise<string> {
  try {
    const payload = parseHookPayload(text);
    return payload === undefined || options.environment.isDisabled ? "" : await answerTo(payload, options);
  } catch {
    return "";
  }
}

async function answerTo(payload: HookPayload, { argv, environment, nowMillis }: BudgetHookOptions): Promise<string> {
  const { values } = parseArgs({
    args: [...argv],
    options: { stop: { type: "boolean" }, storage: { type: "string" }, config: { type: "string" } },
  });
  const { variables, workingFolder } = environment;
  const folder = payload.folder ?? workingFolder;
  const { config } = loadConfig({ environment: variables, folder, file: values.config });
  const settings = watchSettings(config);
  const budgets = budgetsOf(settings.budgets, payload);
  if (budgets.length === 0 && settings.warnThreshold === 0) return "";
  const flags = { color: false, ...(values.storage !== undefined && { storage: values.storage }) };
  const ledger = await openLedger(flags, {
    environment,
    config,
    nowMillis,
    warn: () => undefined,
    transcripts: {
      products: [PRODUCT],
      roots: payload.transcriptPath === undefined ? [] : [dirname(payload.transcriptPath)],
    },
    maxBytesToRead: MAX_BYTES_TO_READ,
    busyTimeoutMillis: BUSY_TIMEOUT_MILLIS,
  });
  try {
    const { calendar } = resolveScreen({ environment }, flags);
    const question = { ...settings, budgets, calendar, range: atMoment(nowMillis), sessionId: payload.sessionId };
    const alerts = alertsOfSession(alertsOf(budgetReport(ledger.store, question)), payload);
    const storage = resolveStorageFolder({ storage: values.storage, environment: variables });
    const news = newsForSession(storage, payload.sessionId, alerts, nowMillis);
    return decideBudget({ event: payload.event, alerts, news, mayStop: values.stop === true });
  } finally {
    ledger.close();
  }
}
