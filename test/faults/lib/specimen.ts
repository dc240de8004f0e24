/** Files to damage: made once, copied for every trial. */
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WriterArguments } from "../children/writer.ts";
import { readAcknowledgements } from "./acknowledgements.ts";
import { killChild, startChild, waitMillis } from "./child.ts";
import { type Acknowledged, acknowledgedBy } from "./verify.ts";

/** A file with known content. */
export interface Specimen {
  readonly writer: string;
  readonly baseMillis: number;
  readonly stepMillis: number;
  readonly acknowledged: Acknowledged;
  /** Puts a copy, with its log if it has one, at a path. */
  copyTo(path: string): void;
}

/** What to make. */
export interface SpecimenOptions {
  readonly batches: number;
  readonly stepMillis: number;
  /** The writer is killed instead of closing the file, so that the log holds what the file does not. */
  readonly isKilled?: boolean | undefined;
}

const MILLIS_AFTER_LAST_BATCH = 30;

/** Makes a file in a folder, by a process of its own. */
export async function makeSpecimen(folder: string, name: string, options: SpecimenOptions): Promise<Specimen> {
  const { batches, stepMillis, isKilled = false } = options;
  const path = join(folder, `${name}.db`);
  const acknowledgements = join(folder, `${name}.log`);
  const baseMillis = Date.now() - batches * stepMillis;
  const argument: WriterArguments = {
    path,
    acknowledgements,
    writer: name,
    baseMillis,
    stepMillis,
    firstBatch: 0,
    batches: isKilled ? undefined : batches,
  };
  const child = startChild("writer", argument);
  if (isKilled) {
    await child.line();
    while (readAcknowledgements(acknowledgements).length < batches) waitMillis(MILLIS_AFTER_LAST_BATCH);
    const problem = await killChild(child);
    if (problem !== undefined) throw new Error(problem);
  } else if ((await child.ended) !== 0) {
    throw new Error(child.errors());
  }
  return {
    writer: name,
    baseMillis,
    stepMillis,
    acknowledged: acknowledgedBy(name, readAcknowledgements(acknowledgements)),
    copyTo(target) {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(target + suffix, { force: true });
      copyFileSync(path, target);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${target}-wal`);
    },
  };
}
