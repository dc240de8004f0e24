/** Spool files on disk. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import type { PointBatch } from "../series/types.ts";
import { encodeSpoolFile, isSpoolFileName, NO_POINTS, spoolFileName } from "./format.ts";

/** What goes into a file of the spool besides facts, and how. */
export interface SpoolFileOptions {
  readonly points?: PointBatch | undefined;
  /** Returns only when the file would survive a power cut. Default false. */
  readonly isSynced?: boolean | undefined;
}

/** Behind the name of a file that is not whole yet. */
const UNFINISHED = ".tmp";
/** A file that was not written for this long is not written any more. */
const LEFT_AFTER_MILLIS = 60_000;

let sequence = 0;

/**
 * Writes facts and points into a new file of the spool, which is created (0700) when missing. The file (0600) appears
 * under its name only when it is whole. It survives the death of the process; a power cut only with `isSynced`.
 *
 * @returns the file's path.
 * @throws the file system's error.
 */
export function writeSpoolFile(folder: string, facts: readonly Fact[], options: SpoolFileOptions = {}): string {
  const { points = NO_POINTS, isSynced = false } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  sequence += 1;
  // Loading it takes as long as writing the file, and only those need it who write one.
  const { threadId } = process.getBuiltinModule("node:worker_threads");
  const path = join(folder, spoolFileName(Date.now(), process.pid, threadId, sequence));
  const unfinished = `${path}${UNFINISHED}`;
  const file = openSync(unfinished, "wx", 0o600);
  try {
    try {
      writeWhole(file, Buffer.from(encodeSpoolFile(facts, points)));
      if (isSynced) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
    if (isSynced) syncFolder(folder);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return path;
}

/** The whole files of a spool, oldest first; none when the folder does not exist. */
export function listSpoolFiles(folder: string): string[] {
  const ageOf = (name: string): number => Number.parseInt(name, 10);
  return namesIn(folder)
    .filter(isSpoolFileName)
    .sort((a, b) => ageOf(a) - ageOf(b) || (a < b ? -1 : 1))
    .map((name) => join(folder, name));
}

/** A file of a spool that its writer cannot have finished: it was killed. */
export interface LeftSpoolFile {
  /** Where it lies. */
  readonly from: string;
  /** The path that it was written for. */
  readonly path: string;
}

/** The files that killed processes left under a temporary name; none when the folder does not exist. */
export function listLeftSpoolFiles(folder: string, nowMillis: number): LeftSpoolFile[] {
  return namesIn(folder).flatMap((name) => {
    const whole = name.slice(0, -UNFINISHED.length);
    if (!name.endsWith(UNFINISHED) || !isSpoolFileName(whole)) return [];
    const from = join(folder, name);
    const modifiedMillis = statSync(from, { throwIfNoEntry: false })?.mtimeMs ?? nowMillis;
    return Math.abs(nowMillis - modifiedMillis) < LEFT_AFTER_MILLIS ? [] : [{ from, path: join(folder, whole) }];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The name of a file is part of its folder. */
export function syncFolder(folder: string): void {
  // Windows opens no folders, and its file system keeps names in a journal.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes all bytes, however many the system takes at a time. */
export function writeWhole(file: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
