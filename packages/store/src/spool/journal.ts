/**
 * The journal of a writing thread: facts that are safe on disk and wait for their transaction. A file of it is a line
 * that says what it is, and a line of facts for each time that some were added. What follows the last whole line was
 * never said to be safe.
 */
import { closeSync, fdatasyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { syncFolder, writeWhole } from "./files.ts";
import { isFact } from "./format.ts";

/** Facts on disk, until they are safe elsewhere. */
export interface FactJournal {
  /**
   * Adds facts as {@link encodeFacts} gives them; returns when they would survive a power cut.
   *
   * @returns a function to be called when the facts are safe elsewhere: a file of which that holds for all goes away.
   * @throws the file system's error. Nothing may be relied on then.
   */
  append(text: string): () => void;
  /** Adds nothing more. Files whose facts are safe nowhere else stay. */
  close(): void;
}

/** What the journal of a thread that is gone has left. */
export interface LeftFacts {
  readonly facts: readonly Fact[];
  /** Entries that are no facts. */
  readonly invalid: number;
}

const FIRST_LINE = '{"journal":1}';
const FILE_NAME = /^\d{1,16}-(\d+)-\d+_\d+\.journal$/;
/** A file is added to for this long, however long its facts wait. */
const MAX_ADDING_MILLIS = 4000;
/** A file that was not added to for this long has been given up: well above the time for which one is added to. */
const LEFT_AFTER_MILLIS = 15_000;

interface JournalFile {
  readonly path: string;
  readonly handle: number;
  readonly sinceMillis: number;
  waiting: number;
}

let sequence = 0;

/**
 * Creates the journal of this thread in the folder of a spool, which is created (0700) when missing, as its files (0600).
 *
 * @param now monotonic clock, milliseconds.
 */
export function createFactJournal(folder: string, now: () => number = () => performance.now()): FactJournal {
  let current: JournalFile | undefined;

  /** The file that is added to, kept as long as anything in it waits. */
  const giveUp = (file: JournalFile): void => {
    if (current !== file) return;
    current = undefined;
    closeSync(file.handle);
  };

  const release = (file: JournalFile): void => {
    file.waiting -= 1;
    if (file.waiting > 0) return;
    giveUp(file);
    rmSync(file.path, { force: true });
  };

  const open = (): JournalFile => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    sequence += 1;
    // Few commands leave facts, and loading the module takes milliseconds.
    const { threadId } = process.getBuiltinModule("node:worker_threads");
    const path = join(folder, `${Date.now()}-${process.pid}-${threadId}_${sequence}.journal`);
    const handle = openSync(path, "wx", 0o600);
    try {
      writeLine(handle, FIRST_LINE);
      syncFolder(folder);
    } catch (error) {
      // Without its first line nothing in it would be read.
      closeSync(handle);
      rmSync(path, { force: true });
      throw error;
    }
    current = { path, handle, sinceMillis: now(), waiting: 0 };
    return current;
  };

  return {
    append(text) {
      if (current !== undefined && now() - current.sinceMillis > MAX_ADDING_MILLIS) giveUp(current);
      const file = current ?? open();
      file.waiting += 1;
      try {
        writeLine(file.handle, text);
        fdatasyncSync(file.handle);
      } catch (error) {
        // Half a line may stand there: nothing that follows it would be read.
        giveUp(file);
        release(file);
        throw error;
      }
      return () => release(file);
    },
    close() {
      if (current !== undefined) giveUp(current);
    },
  };
}

/** Files of the journals of threads that are gone, oldest first; none when the folder does not exist. */
export function listLeftJournals(folder: string, nowMillis: number): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => isLeft(join(folder, name), FILE_NAME.exec(name)?.[1], nowMillis))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => join(folder, name));
}

/** Reads the text of a file of a journal. @returns undefined for what is none, or of a newer format. */
export function decodeJournal(text: string): LeftFacts | undefined {
  const [first, ...lines] = text.split("\n").slice(0, -1);
  if (first === undefined) return { facts: [], invalid: 0 };
  if (first !== FIRST_LINE) return undefined;
  const entries = lines.flatMap(parseLine);
  const facts = entries.filter(isFact);
  return { facts, invalid: entries.length - facts.length };
}

/** A line that cannot be read is one entry that is no fact. */
function parseLine(line: string): unknown[] {
  try {
    const facts: unknown = JSON.parse(line);
    return Array.isArray(facts) ? facts : [undefined];
  } catch {
    return [undefined];
  }
}

function isLeft(path: string, pid: string | undefined, nowMillis: number): boolean {
  if (pid === undefined) return false;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  return !isRunning(Number(pid)) || Math.abs(nowMillis - status.mtimeMs) > LEFT_AFTER_MILLIS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function writeLine(handle: number, line: string): void {
  const text = `${line}\n`;
  const written = writeSync(handle, text);
  if (written < Buffer.byteLength(text)) writeWhole(handle, Buffer.from(text).subarray(written));
}
