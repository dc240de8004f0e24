/** Files to damage, to maintain, to migrate: made once, copied for every trial. */
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { WriterArguments } from "../children/writer.ts";
import { readAcknowledgements } from "./acknowledgements.ts";
import { killChild, startChild } from "./child.ts";
import { type Acknowledged, acknowledgedBy } from "./verify.ts";

/** A file with known content. */
export interface Specimen {
  readonly writers: readonly Acknowledged[];
  /** Puts a copy, with its log if it has one, at a path. */
  copyTo(path: string): void;
}

/** What one of the writers is to write. The last batch happens about now. */
export interface WriterOptions {
  readonly writer: string;
  readonly batches: number;
  readonly stepMillis: number;
  /** It is killed behind the last batch instead of closing the file, so that the log holds what the file does not. */
  readonly isKilled?: boolean | undefined;
}

const ASK_MILLIS = 20;

/** Makes a file in a folder, by one process after the other. */
export async function makeSpecimen(folder: string, name: string, all: readonly WriterOptions[]): Promise<Specimen> {
  const path = join(folder, `${name}.db`);
  const writers: Acknowledged[] = [];
  for (const options of all) writers.push(await write(path, options, join(folder, `${name}.${options.writer}.log`)));
  return {
    writers,
    copyTo(target) {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(target + suffix, { force: true });
      copyFileSync(path, target);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${target}-wal`);
    },
  };
}

async function write(path: string, options: WriterOptions, acknowledgements: string): Promise<Acknowledged> {
  const { writer, batches, stepMillis, isKilled = false } = options;
  const argument: WriterArguments = {
    path,
    acknowledgements,
    writer,
    baseMillis: Date.now() - batches * stepMillis,
    stepMillis,
    firstBatch: 0,
    batches: isKilled ? undefined : batches,
  };
  const child = startChild("writer", argument);
  if (isKilled) {
    await child.line();
    while (readAcknowledgements(acknowledgements).length < 2 * batches) await sleep(ASK_MILLIS);
    const problem = await killChild(child);
    if (problem !== undefined) throw new Error(problem);
  } else if ((await child.ended) !== 0) {
    throw new Error(child.errors());
  }
  return acknowledgedBy(argument, readAcknowledgements(acknowledgements));
}
