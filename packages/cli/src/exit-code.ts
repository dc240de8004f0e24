/** Which exit code an error means, and the one line that a person gets to read. */
import { CheckError, CommandError, EXIT_CODES, ProgramEnded, UsageError } from "./errors.ts";

/**
 * Tells the error in one line and returns the exit code. What is not expected keeps its stack, because it is a bug
 * and someone will have to find it.
 */
export function exitCodeOf(error: unknown, warn: (line: string) => void): number {
  // Commander has told already.
  if (isCommanderError(error)) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.wrongUsage;
  if (error instanceof ProgramEnded) return error.exitCode;
  if (error instanceof UsageError) {
    warn(`error: ${error.message}`);
    return EXIT_CODES.wrongUsage;
  }
  if (error instanceof CheckError) {
    warn(error.message);
    return EXIT_CODES.checkFailed;
  }
  if (isConfigError(error)) for (const line of error.message.split("\n")) warn(`error: ${line}`);
  else if (error instanceof CommandError || isStoreError(error)) warn(`error: ${error.message}`);
  else warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT_CODES.failed;
}

/** By name, so that the bare command does not load commander. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && "exitCode" in error && error.name === "CommanderError";
}

/** By name, so that commands without a configuration do not load what reads it. */
function isConfigError(error: unknown): error is Error {
  return error instanceof Error && error.name === "ConfigError";
}

/** By name, so that a command that failed early does not load the store to say so. */
function isStoreError(error: unknown): error is Error {
  return error instanceof Error && error.name === "StoreError";
}
