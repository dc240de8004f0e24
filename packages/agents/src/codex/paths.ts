/** Where Codex keeps rollouts. */
import { join } from "node:path";
import type { AgentEnvironment } from "../contract.ts";

/** Every folder that may hold rollouts, existing or not. */
export function rolloutRoots({ homeFolder, variables }: AgentEnvironment): string[] {
  const codexHome = variables["CODEX_HOME"];
  const folder = codexHome === undefined || codexHome === "" ? join(homeFolder, ".codex") : codexHome;
  return [join(folder, "sessions"), join(folder, "archived_sessions")];
}

const ROLLOUT = /[\\/]rollout-[^\\/]*\.jsonl(\.zst)?$/;

/** Whether a file of this path is a rollout. */
export function isRollout(path: string): boolean {
  return ROLLOUT.test(path);
}

/** Whether a rollout is compressed. */
export function isCompressed(path: string): boolean {
  return path.endsWith(".zst");
}
