/** The spool, with a limit: an application whose store is broken for weeks must not fill the disk. */
import { statSync } from "node:fs";
import type { Fact } from "@moai-metrics/model";
import type { PointBatch } from "@moai-metrics/store";
import { listSpoolFiles, writeSpoolFile } from "@moai-metrics/store/beside-the-thread";

/** Where facts and points wait that cannot be written now. */
export interface Spool {
  /** @throws Error when the spool is full; else the file system's error. */
  write(facts: readonly Fact[], points?: PointBatch): void;
}

/** Options of a spool. */
export interface SpoolOptions {
  /** Bytes that the files of all processes may take together. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Files survive a power cut, too: for what is acknowledged after it. Default true. */
  readonly isSynced?: boolean | undefined;
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Others fill and empty the folder, too: it is measured again this often. */
const MEASURE_MILLIS = 5000;

/** Creates the spool of a folder. */
export function createSpool(folder: string, options: SpoolOptions = {}): Spool {
  const { maxBytes = 64 * 1024 * 1024, isSynced = true, now = () => performance.now() } = options;
  let bytes = 0;
  let measureAtMillis = Number.NEGATIVE_INFINITY;
  return {
    write: (facts, points) => {
      if (now() >= measureAtMillis) {
        bytes = listSpoolFiles(folder).reduce((sum, path) => sum + sizeOf(path), 0);
        measureAtMillis = now() + MEASURE_MILLIS;
      }
      if (bytes >= maxBytes) {
        throw new Error(`${folder} holds ${bytes} bytes and takes no more. Run "moai-metrics import" to empty it.`);
      }
      bytes += sizeOf(writeSpoolFile(folder, facts, { points, isSynced }));
    },
  };
}

/** A file that was taken in meanwhile has no size. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
