/** Where Claude Code keeps transcripts, and what a path says about the transcript. */
import { readdirSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import type { AgentEnvironment } from "../contract.ts";

/** Every folder that may hold projects, existing or not. */
export function transcriptRoots(environment: AgentEnvironment): string[] {
  const { homeFolder, variables } = environment;
  const roots = [
    ...configuredFolders(variables["CLAUDE_CONFIG_DIR"], homeFolder),
    join(homeFolder, ".claude", "projects"),
    join(homeFolder, ".config", "claude", "projects"),
    ...profileRoots(join(homeFolder, ".moai", "claude-profiles")),
  ];
  return [...new Set(roots)];
}

/** `CLAUDE_CONFIG_DIR` is a list with commas; an entry is a configuration folder, or already its `projects`. */
function configuredFolders(list: string | undefined, homeFolder: string): string[] {
  return (list ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => resolve(entry === "~" || entry.startsWith("~/") ? join(homeFolder, entry.slice(1)) : entry))
    .map((folder) => (basename(folder) === "projects" ? folder : join(folder, "projects")));
}

function profileRoots(profilesFolder: string): string[] {
  try {
    const names = readdirSync(profilesFolder).toSorted();
    return names.map((name) => join(profilesFolder, name, "projects"));
  } catch {
    // No profiles: name the place that was looked at.
    return [join(profilesFolder, "*", "projects")];
  }
}

/** What the path of a transcript says. */
export interface TranscriptPlace {
  /** The session, for lines that do not name one. */
  readonly sessionId: string;
  /** Set for the file of a subagent. */
  readonly agentId: string | undefined;
  /** Folder with the files of the session's subagents; they may lie in folders below. */
  readonly subagentsFolder: string;
}

/** What other products write has the same ending, and may lie in a folder that the user names. */
const OF_OTHER_PRODUCTS = /[\\/](?:rollout-[^\\/]*|chats[\\/](?:[^\\/]*[\\/])?[^\\/]*)$/;

/** Whether a file of this path is a transcript. */
export function isTranscript(path: string): boolean {
  return path.endsWith(".jsonl") && !OF_OTHER_PRODUCTS.test(path);
}

const AGENT_FILE = /^agent-(.+)\.jsonl$/;

/** Whether a file of this name is the transcript of a subagent. */
export function isAgentTranscript(name: string): boolean {
  return AGENT_FILE.test(name);
}

const SUBAGENTS = `${sep}subagents${sep}`;

/** Reads a path: `<project>/<session>.jsonl`, `<session>/subagents/…/agent-<id>.jsonl` or `<project>/agent-<id>.jsonl`. */
export function transcriptPlace(path: string): TranscriptPlace {
  const agentId = AGENT_FILE.exec(basename(path))?.[1];
  const inSession = path.lastIndexOf(SUBAGENTS);
  if (agentId !== undefined && inSession > 0) {
    const sessionFolder = path.slice(0, inSession);
    return {
      sessionId: basename(sessionFolder),
      agentId,
      subagentsFolder: join(sessionFolder, "subagents"),
    };
  }
  const sessionFolder = path.slice(0, -".jsonl".length);
  return {
    sessionId: basename(sessionFolder),
    agentId,
    subagentsFolder: join(sessionFolder, "subagents"),
  };
}
