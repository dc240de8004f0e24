/** Every fault test, in the order of a full run. */
import { damagedFile } from "./damaged-file.ts";
import { fileSizeLimit, fullDisk } from "./disk-full.ts";
import { killWhileWriting } from "./kill-while-writing.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { parallelWriters } from "./parallel-writers.ts";

export const FAULT_TESTS: readonly FaultTest[] = [
  killWhileWriting,
  fileSizeLimit,
  fullDisk,
  parallelWriters,
  damagedFile,
];
