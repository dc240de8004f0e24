/** Starts and stops the service, and says what could not be done. */
import type { Environment } from "@moai-metrics/settings";
import { commandText } from "../show-changes.ts";
import { type CommandsOutcome, runServiceCommands, type ServiceManager } from "./service.ts";

/** Starts it; what to do where that is not possible is told, because the file is there for later. */
export async function startService(service: ServiceManager, environment: Environment): Promise<string[]> {
  await runServiceCommands(service.prepareCommands, environment);
  const outcome = await runServiceCommands(service.startCommands, environment);
  if (outcome.failed !== undefined) return failureLines("The service was not started", outcome);
  return [`The service runs: ${service.statusCommand}`, service.note];
}

/** Stops it before its file goes. */
export async function stopService(service: ServiceManager, environment: Environment): Promise<string[]> {
  const outcome = await runServiceCommands(service.stopCommands, environment);
  return outcome.failed === undefined
    ? ["The service was stopped."]
    : failureLines("The service was not stopped", outcome);
}

/** Lets its manager know that the file went; that this is not possible is no news after the service was not stopped. */
export async function forgetService(service: ServiceManager, environment: Environment): Promise<void> {
  await runServiceCommands(service.forgetCommands, environment);
}

function failureLines(what: string, { failed, left }: CommandsOutcome): string[] {
  if (failed === undefined) return [];
  return [
    `${what}: ${commandText(failed.command)}: ${failed.reason}. When you can, type:`,
    ...left.map((command) => `  ${commandText(command)}`),
  ];
}
