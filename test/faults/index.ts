/** Every fault test, in the order of a full run. */
import { clockJumps } from "./clock-jumps.ts";
import { damagedFile } from "./damaged-file.ts";
import { fileSizeLimit, fullDisk } from "./disk-full.ts";
import { killWhileJournaling } from "./kill-while-journaling.ts";
import { killWhileMaintaining } from "./kill-while-maintaining.ts";
import { killWhileMigrating } from "./kill-while-migrating.ts";
import { killWhileWriting } from "./kill-while-writing.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { parallelMigrations } from "./parallel-migrations.ts";
import { parallelWriters } from "./parallel-writers.ts";
import { readOnly } from "./read-only.ts";

export const FAULT_TESTS: readonly FaultTest[] = [
  killWhileWriting,
  killWhileJournaling,
  killWhileMaintaining,
  killWhileMigrating,
  fileSizeLimit,
  fullDisk,
  parallelWriters,
  parallelMigrations,
  damagedFile,
  readOnly,
  clockJumps,
];
