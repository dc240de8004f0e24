/**
 * A catch-up in a thread of its own, for much to read. The thread's heap is small on purpose: reading makes garbage
 * faster than an unlimited heap bothers to collect it, and would take several hundred megabytes for nothing.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { StoreError } from "@moai-metrics/store";
import type { CatchUpOutcome, CatchUpProgress } from "./catch-up.ts";
import type { CatchUpJob, CatchUpMessage } from "./catch-up-job.ts";

const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

/**
 * Catches up like `catchUp`, with a connection of its own to the store.
 *
 * @throws StoreError when the store cannot be written.
 */
export async function catchUpApart(
  job: CatchUpJob,
  onProgress: ((progress: CatchUpProgress) => void) | undefined,
): Promise<CatchUpOutcome> {
  const thread = new Worker(new URL("./catch-up-thread.ts", import.meta.url), {
    workerData: job,
    resourceLimits: RESOURCE_LIMITS,
  });
  let last: CatchUpMessage | undefined;
  thread.on("message", (message: CatchUpMessage) => {
    if (message.kind === "progress") onProgress?.(message.progress);
    else last = message;
  });
  // Rejects when the thread ends by an error.
  await once(thread, "exit");
  if (last?.kind === "outcome") return last.outcome;
  const message = last?.kind === "failure" ? last.message : "Reading the transcripts stopped without a word.";
  throw last?.kind === "failure" && last.code !== undefined ? new StoreError(last.code, message) : new Error(message);
}
