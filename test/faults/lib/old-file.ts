/** A file that an older version wrote. */
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Acknowledged } from "./verify.ts";

/** The schema version of the file. */
export const OLD_VERSION = 1;

const BATCHES = new Set(Array.from({ length: 120 }, (_, batch) => batch));

/** Who wrote it, by `workload.ts` as it was and must stay. */
export const OLD_WRITERS: readonly Acknowledged[] = ["a", "b"].map((writer) => ({
  workload: { writer, baseMillis: 1_793_491_200_000, stepMillis: 400_000, firstBatch: 0 },
  facts: BATCHES,
  points: BATCHES,
}));

/** Puts a copy at a path. */
export function copyOldFile(path: string): void {
  writeFileSync(path, gunzipSync(readFileSync(new URL("../fixtures/schema-1.db.gz", import.meta.url))));
}
