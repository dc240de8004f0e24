/** What a process acknowledged, in a file that outlives it. */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/** Writes lines that are with the system when `add` returns: a kill loses none of them. */
export interface AcknowledgementLog {
  add(line: string): void;
  close(): void;
}

/** Opens the log for adding to it. */
export function openAcknowledgements(path: string): AcknowledgementLog {
  const file = openSync(path, "a");
  return {
    add: (line) => {
      writeSync(file, `${line}\n`);
    },
    close: () => closeSync(file),
  };
}

/** The whole lines of a log; a kill may have left half a one behind them. */
export function readAcknowledgements(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}
