/** Writes the reports that are due when a command has caught up. */
import { writeDueReports as writeDue } from "@moai-metrics/receiver";
import type { CliContext, OpenLedger } from "../context.ts";

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
  const nowMillis = context.now();
  const maxMillis = isUnhurried ? undefined : MAX_MILLIS;
  writeDue(store, { storage, environment, timeZone, nowMillis, maxMillis, warn: context.warn });
}
