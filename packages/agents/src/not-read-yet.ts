/** Data of agents that lies on this machine and that no source reads yet, so that it is named and not ignored. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { AgentEnvironment } from "./contract.ts";

/** Data that was found. */
export interface UnreadData {
  /** The product as people name it. */
  readonly label: string;
  readonly folder: string;
  readonly files: number;
  /** False when counting stopped early: there are at least {@link files}. */
  readonly isComplete: boolean;
}

/** A place to look at. */
interface Place {
  readonly label: string;
  readonly folder: string;
  /** Files that count, by their path below the folder, with `/`. */
  readonly pattern: RegExp;
}

const MAX_ENTRIES = 20_000;

/** Looks for data of Codex and Gemini CLI; a bounded walk over folder entries, no file is opened. Never throws. */
export function findUnreadData(environment: AgentEnvironment): UnreadData[] {
  return placesOf(environment)
    .map(countFiles)
    .filter((found) => found.files > 0);
}

function placesOf({ homeFolder, variables }: AgentEnvironment): Place[] {
  const codexHome = variables["CODEX_HOME"];
  const codexFolder = codexHome === undefined || codexHome === "" ? join(homeFolder, ".codex") : codexHome;
  const rollout = /(^|\/)rollout-[^/]*\.jsonl(\.zst)?$/;
  return [
    { label: "Codex", folder: join(codexFolder, "sessions"), pattern: rollout },
    { label: "Codex", folder: join(codexFolder, "archived_sessions"), pattern: rollout },
    { label: "Gemini CLI", folder: join(homeFolder, ".gemini", "tmp"), pattern: /^[^/]+\/chats\/.*\.jsonl?$/ },
  ];
}

function countFiles({ label, folder, pattern }: Place): UnreadData {
  let entries = 0;
  let files = 0;
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const entry of entriesOf(join(folder, below))) {
      entries += 1;
      if (entries > MAX_ENTRIES) return { label, folder, files, isComplete: false };
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else if (pattern.test(path)) files += 1;
    }
  }
  return { label, folder, files, isComplete: true };
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
