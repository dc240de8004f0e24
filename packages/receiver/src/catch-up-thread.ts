/** The thread that a long catch-up runs in. */
import { parentPort, workerData } from "node:worker_threads";
import { createClaudeCodeTranscripts } from "@moai-metrics/agents";
import { openStore, StoreError } from "@moai-metrics/store";
import { catchUp } from "./catch-up.ts";
import type { CatchUpJob, CatchUpMessage } from "./catch-up-job.ts";

const { storePath, ...options } = workerData as CatchUpJob;

const tell = (message: CatchUpMessage): void => parentPort?.postMessage(message);

try {
  using store = openStore({ path: storePath });
  const outcome = catchUp(store, [createClaudeCodeTranscripts()], {
    ...options,
    onProgress: (progress) => tell({ kind: "progress", progress }),
  });
  tell({ kind: "outcome", outcome });
} catch (error) {
  tell({
    kind: "failure",
    code: error instanceof StoreError ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
  });
}
