/** A disk that is full at some byte of the work, and has room again later. */
import { join } from "node:path";
import type { WriterArguments } from "./children/writer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { type Child, type ChildOptions, startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import {
  fileSizeLimitObstacle,
  liftFileSizeLimit,
  limitedFileSize,
  mountObstacle,
  mountSmallDisk,
} from "./lib/full-disk.ts";
import type { Random } from "./lib/random.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

const STEP_MILLIS = 300_000;
const BATCHES = 150;
/** Enough for the whole work, so that the last kibibytes decide. */
const DISK_KIBIBYTES = 32_768;
const MAX_ROOM_KIBIBYTES = 4_000;

/** Small numbers are where creating a file fails, great ones where a long run fails; both often. */
function roomOf(random: Random): number {
  return Math.floor(4 * (MAX_ROOM_KIBIBYTES / 4) ** random.next());
}

export const fileSizeLimit: FaultTest = {
  name: "files that may not grow beyond a size, then may",
  trials: 50,
  sampleTrials: 3,
  obstacle: fileSizeLimitObstacle,
  async run({ trials, random, folder, fail }) {
    let failedWrites = 0;
    for (let trial = 0; trial < trials; trial++) {
      const run = await writeThroughFullDisk(
        join(folder, `${trial}.db`),
        join(folder, `${trial}.log`),
        limitedFileSize(roomOf(random)),
        liftFileSizeLimit,
      );
      failedWrites += run.failedWrites;
      for (const problem of run.problems) fail(trial, problem);
    }
    return `${failedWrites} writes found no room`;
  },
};

export const fullDisk: FaultTest = {
  name: "a disk that is full, then has room again",
  trials: 50,
  sampleTrials: 3,
  obstacle: mountObstacle,
  async run({ trials, random, folder, fail }) {
    let failedWrites = 0;
    for (let trial = 0; trial < trials; trial++) {
      const disk = mountSmallDisk(folder, `disk${trial}`, DISK_KIBIBYTES);
      try {
        disk.fill(roomOf(random));
        const run = await writeThroughFullDisk(
          join(disk.folder, "metrics.db"),
          join(folder, `${trial}.log`),
          {},
          disk.free,
        );
        failedWrites += run.failedWrites;
        for (const problem of run.problems) fail(trial, problem);
      } finally {
        disk.unmount();
      }
    }
    return `${failedWrites} writes found no room`;
  },
};

/** Writes until there is no room, makes room when the third attempt in a row failed, and lets the same process end its work. */
async function writeThroughFullDisk(
  path: string,
  acknowledgements: string,
  limits: ChildOptions,
  makeRoom: (child: Child) => void,
): Promise<{ readonly failedWrites: number; readonly problems: string[] }> {
  const options: WriterArguments = {
    path,
    acknowledgements,
    writer: "w",
    baseMillis: Date.now() - 86_400_000,
    stepMillis: STEP_MILLIS,
    firstBatch: 0,
    batches: BATCHES,
  };
  const child = startChild("patient-writer", options, limits);
  const problems: string[] = [];
  let failedWrites = 0;
  let hasRoom = false;
  for (let line = await child.line(); line !== undefined && line !== "done"; line = await child.line()) {
    if (line !== "full") problems.push(`a write failed with ${line}, not with full`);
    if (hasRoom) problems.push(`a write failed with ${line} although there was room again`);
    failedWrites++;
    if (failedWrites === ATTEMPTS) {
      makeRoom(child);
      hasRoom = true;
    }
    if (failedWrites > MAX_FAILED_WRITES) child.process.stdin?.end();
    else child.process.stdin?.write("again\n");
  }
  const end = await child.ended;
  if (end !== 0) problems.push(`the writer ended with ${end}: ${child.errors()}`);
  const acknowledged = acknowledgedBy(options, readAcknowledgements(acknowledgements));
  if (end === 0 && acknowledged.points.size !== BATCHES)
    problems.push(`${acknowledged.points.size} batches of ${BATCHES}`);
  problems.push(...verifyFile(path, [acknowledged]));
  return { failedWrites, problems };
}

const ATTEMPTS = 3;
const MAX_FAILED_WRITES = 10;
