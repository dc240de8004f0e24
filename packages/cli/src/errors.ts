/** Errors that end a command with one line. */

/** Exit codes of every command. */
export const EXIT_CODES = { done: 0, failed: 1, wrongUsage: 2, checkFailed: 3 } as const;

/** A mistake in how the command was called. The message names the flag, the value and what is accepted. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** A command could not do its work. The message names the thing and the remedy. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
  }
}

/** A check or a budget did not hold. What did not hold has been told already; the message sums it up. */
export class CheckError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CheckError";
  }
}

/** The program that `run` ran ended with another exit code than 0. It has told why itself. */
export class ProgramEnded extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The program ended with exit code ${exitCode}.`);
    this.name = "ProgramEnded";
    this.exitCode = exitCode;
  }
}
