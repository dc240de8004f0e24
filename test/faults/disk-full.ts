/** A disk that is full at some byte of the work, and has room again later. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import type { PatientArguments } from "./children/patient-worker.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { expectedAfterMaintenance, makeAgedFile } from "./lib/aged-file.ts";
import { type Child, type ChildOptions, startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import {
  fileSizeLimitObstacle,
  liftFileSizeLimit,
  limitedFileSize,
  mountObstacle,
  mountSmallDisk,
} from "./lib/full-disk.ts";
import { copyOldFile, OLD_WRITERS } from "./lib/old-file.ts";
import type { Random } from "./lib/random.ts";
import { type Acknowledged, acknowledgedBy, type Expectation, verifyFile } from "./lib/verify.ts";

const STEP_MILLIS = 300_000;
const BATCHES = 80;
/** Enough for the whole work, so that the last kibibytes decide. */
const DISK_KIBIBYTES = 32_768;
const MAX_ROOM_KIBIBYTES = 3_000;
const KIBIBYTE = 1024;

/** One kind of work that may find no room. */
interface Work {
  /** Puts the file there that is worked on, if any. */
  prepare(path: string): void;
  readonly writers: readonly Acknowledged[];
  readonly expected: Expectation;
  readonly maintainAtMillis?: number;
}

export const fileSizeLimit: FaultTest = {
  name: "files that may not grow beyond a size, then may, while written, maintained, brought up to date",
  trials: 50,
  sampleTrials: 3,
  obstacle: fileSizeLimitObstacle,
  async run({ trials, random, folder, fail }) {
    const works = await makeWorks(folder);
    let failedAttempts = 0;
    for (let trial = 0; trial < trials; trial++) {
      const work = works[trial % works.length] as Work;
      const path = join(folder, `${trial}.db`);
      work.prepare(path);
      const maxKibibytes = kibibytesOf(path) + roomOf(random);
      const acknowledgements = join(folder, `${trial}.log`);
      const run = await workOnFullDisk(
        work,
        { path, acknowledgements, settings: {} },
        liftFileSizeLimit,
        limitedFileSize(maxKibibytes),
      );
      failedAttempts += run.failedAttempts;
      for (const problem of run.problems) fail(trial, problem);
    }
    return `${failedAttempts} attempts found no room`;
  },
};

export const fullDisk: FaultTest = {
  name: "a disk that is full, then has room again, while written, maintained, brought up to date",
  trials: 50,
  sampleTrials: 3,
  obstacle: mountObstacle,
  async run({ trials, random, folder, fail }) {
    const works = await makeWorks(folder);
    let failedAttempts = 0;
    for (let trial = 0; trial < trials; trial++) {
      const work = works[trial % works.length] as Work;
      const disk = mountSmallDisk(folder, `disk${trial}`, DISK_KIBIBYTES);
      try {
        const path = join(disk.folder, "metrics.db");
        work.prepare(path);
        disk.fill(roomOf(random));
        // Half of them go down to the last byte instead of stopping in time.
        const settings = random.next() < 0.5 ? { minFreeBytes: 0 } : {};
        const run = await workOnFullDisk(
          work,
          { path, acknowledgements: join(folder, `${trial}.log`), settings },
          disk.free,
        );
        failedAttempts += run.failedAttempts;
        for (const problem of run.problems) fail(trial, problem);
      } finally {
        disk.unmount();
      }
    }
    return `${failedAttempts} attempts found no room`;
  },
};

/** Small numbers are where creating a file fails, great ones where a long run fails; both often. */
function roomOf(random: Random): number {
  return Math.floor(4 * (MAX_ROOM_KIBIBYTES / 4) ** random.next());
}

function kibibytesOf(path: string): number {
  return existsSync(path) ? Math.ceil(statSync(path).size / KIBIBYTE) : 0;
}

async function makeWorks(folder: string): Promise<Work[]> {
  const aged = await makeAgedFile(folder);
  const maintainAtMillis = Date.now();
  return [
    { prepare: () => {}, writers: [], expected: {} },
    {
      prepare: aged.copyTo,
      writers: aged.writers,
      expected: expectedAfterMaintenance(maintainAtMillis),
      maintainAtMillis,
    },
    { prepare: copyOldFile, writers: OLD_WRITERS, expected: {} },
  ];
}

const ATTEMPTS = 3;
const MAX_FAILED_ATTEMPTS = 10;

/** Works until there is no room, makes room when the third attempt failed, and lets the same process end its work. */
async function workOnFullDisk(
  { writers, expected, maintainAtMillis }: Work,
  place: Pick<PatientArguments, "path" | "acknowledgements" | "settings">,
  makeRoom: (child: Child) => void,
  limits: ChildOptions = {},
): Promise<{ readonly failedAttempts: number; readonly problems: string[] }> {
  const options: PatientArguments = {
    ...place,
    writer: "w",
    baseMillis: Date.now() - DAY_MILLIS,
    stepMillis: STEP_MILLIS,
    firstBatch: 0,
    batches: BATCHES,
    maintainAtMillis,
  };
  const child = startChild("patient-worker", options, limits);
  const problems: string[] = [];
  let failedAttempts = 0;
  for (let line = await child.line(); line !== undefined && line !== "done"; line = await child.line()) {
    if (line !== "full") problems.push(`it failed with ${line}, not with full`);
    if (failedAttempts >= ATTEMPTS) problems.push(`it failed with ${line} although there was room again`);
    failedAttempts++;
    if (failedAttempts === ATTEMPTS) makeRoom(child);
    if (failedAttempts > MAX_FAILED_ATTEMPTS) child.process.stdin?.end();
    else child.process.stdin?.write("again\n");
  }
  const end = await child.ended;
  if (end !== 0) problems.push(`it ended with ${end}: ${child.errors()}`);
  const acknowledged = acknowledgedBy(options, readAcknowledgements(options.acknowledgements));
  if (end === 0 && acknowledged.points.size !== BATCHES)
    problems.push(`${acknowledged.points.size} batches of ${BATCHES}`);
  problems.push(...verifyFile(place.path, [...writers, acknowledged], expected));
  return { failedAttempts, problems };
}
