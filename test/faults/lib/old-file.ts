/** A file that an older version wrote. */
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import type { Acknowledged } from "./verify.ts";

const OLD_VERSION = 1;
const CALLS = 1_200;

const BATCHES = new Set(Array.from({ length: 120 }, (_, batch) => batch));

/** Who wrote it, by `workload.ts` as it was and must stay. */
export const OLD_WRITERS: readonly Acknowledged[] = ["a", "b"].map((writer) => ({
  workload: { writer, baseMillis: 1_793_491_200_000, stepMillis: 400_000, firstBatch: 0 },
  facts: BATCHES,
  points: BATCHES,
  hasNoQuality: true,
}));

/** Puts a copy at a path. */
export function copyOldFile(path: string): void {
  writeFileSync(path, gunzipSync(readFileSync(new URL("../fixtures/schema-1.db.gz", import.meta.url))));
}

/** What is wrong with the copy that was made before the file changed: it must be the whole old file. */
export function oldCopyProblems(path: string): string[] {
  try {
    const copy = new DatabaseSync(`${path}.v${OLD_VERSION}-backup`, { readOnly: true });
    const version = copy.prepare("PRAGMA user_version").get()?.["user_version"];
    const check = copy.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
    const calls = copy.prepare("SELECT count(*) AS calls FROM model_call").get()?.["calls"];
    copy.close();
    return version === OLD_VERSION && check === "ok" && calls === CALLS
      ? []
      : [`the copy is of version ${version}, ${check}, with ${calls} calls`];
  } catch (error) {
    return [`the copy cannot be read: ${String(error)}`];
  }
}
