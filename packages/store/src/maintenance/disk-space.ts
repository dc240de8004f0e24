/** Room on the disk: how much is free, when to stop writing, and the reserve that lets a full disk be cleaned. */
import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { StoreSettings } from "./settings.ts";

/** Bytes of a disk that this user may still fill, and all of them. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** @returns undefined where the file system does not tell. */
export function readDiskSpace(folder: string): DiskSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return blocks === 0 ? undefined : { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

const LARGEST_SHARE_OF_DISK = 0.05;

/** The free room below which nothing is written: a small disk is not all floor. */
export function floorOf({ minFreeBytes }: Pick<StoreSettings, "minFreeBytes">, { totalBytes }: DiskSpace): number {
  return Math.min(minFreeBytes, Math.floor(totalBytes * LARGEST_SHARE_OF_DISK));
}

/** Tells when there is too little room to write. */
export interface SpaceGuard {
  /** Bytes missing to the floor, or undefined when there is room enough. */
  missingBytes(): number | undefined;
}

/** The disk is asked no more often than this while there is room. */
const ASK_MILLIS = 500;

/** Node loads `performance` when it is first used, which takes a millisecond of every command. */
function monotonicMillis(): number {
  return process.uptime() * 1_000;
}

/** @param now monotonic clock, milliseconds. */
export function createSpaceGuard(
  path: string,
  settings: Pick<StoreSettings, "minFreeBytes">,
  now: () => number = monotonicMillis,
  readSpace: (folder: string) => DiskSpace | undefined = readDiskSpace,
): SpaceGuard {
  const folder = dirname(path);
  let roomUntil = Number.NEGATIVE_INFINITY;
  return {
    missingBytes() {
      if (now() < roomUntil) return undefined;
      const space = readSpace(folder);
      const missing = space === undefined ? 0 : floorOf(settings, space) - space.freeBytes;
      if (missing > 0) return missing;
      roomUntil = now() + ASK_MILLIS;
      return undefined;
    },
  };
}

/** Where the reserve of a store lies: `metrics.reserve` beside `metrics.db`. */
export function reservePathOf(path: string): string {
  return `${path.replace(/\.db$/, "")}.reserve`;
}

/** Bytes that the reserve holds. */
export function reserveBytesOf(path: string): number {
  return statSync(reservePathOf(path), { throwIfNoEntry: false })?.size ?? 0;
}

/** What is to happen to the reserve. */
export type ReservePlan = "make" | "keep" | "remove";

/**
 * Makes the reserve where there is plenty of room, and takes it away when it is not wanted any more. A store smaller than
 * the reserve needs none: what cleaning it takes is as small.
 */
export function planReserve(
  { reserve }: Pick<StoreSettings, "reserve">,
  { presentBytes, dataBytes }: { readonly presentBytes: number; readonly dataBytes: number },
  space: DiskSpace | undefined,
): ReservePlan {
  if (presentBytes === reserve.bytes) return "keep";
  if (reserve.bytes === 0) return "remove";
  if (dataBytes < reserve.bytes) return "keep";
  const isPlenty = space !== undefined && space.freeBytes - reserve.bytes > reserve.minFreeBytes;
  return isPlenty ? "make" : "keep";
}

const CHUNK = Buffer.alloc(1024 * 1024, 0x5a);

/** Fills the reserve with real bytes: a hole would reserve nothing. Leaves nothing behind when there is no room. */
export function makeReserve(path: string, bytes: number): void {
  const file = openSync(reservePathOf(path), "w", 0o600);
  let isComplete = false;
  try {
    for (let written = 0; written < bytes; ) {
      written += writeSync(file, CHUNK, 0, Math.min(CHUNK.length, bytes - written));
    }
    fsyncSync(file);
    isComplete = true;
  } finally {
    if (!isComplete) ftruncateSync(file, 0);
    closeSync(file);
    if (!isComplete) releaseReserve(path);
  }
}

/** Gives the reserved room back to the disk. */
export function releaseReserve(path: string): void {
  rmSync(reservePathOf(path), { force: true });
}
