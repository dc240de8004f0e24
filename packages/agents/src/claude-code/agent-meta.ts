/** The side files of subagents, `agent-<id>.meta.json`: the real name of the agent. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a side file says. */
export interface AgentMeta {
  readonly agentType: string | undefined;
  /** The tool call that started the agent. */
  readonly toolUseId: string | undefined;
  /** 1 for a subagent of the main agent. */
  readonly spawnDepth: number | undefined;
}

const MAX_META_BYTES = 1 << 20;

const ENDING = ".meta.json";

/** Whether a file of this name is a side file. */
export function isAgentMeta(name: string): boolean {
  return name.endsWith(ENDING) && name.startsWith("agent-");
}

/** The side file that belongs to a subagent's transcript, existing or not. */
export function agentMetaPath(transcriptPath: string): string {
  return transcriptPath.slice(0, -".jsonl".length) + ENDING;
}

/** The side file of a transcript; undefined when there is none that can be read. */
export function readAgentMeta(transcriptPath: string): AgentMeta | undefined {
  return readMetaFile(agentMetaPath(transcriptPath));
}

/** Ids of the subagents in a folder by the tool call that started them. */
export function agentIdsByToolUse(folder: string): Map<string, string> {
  const byToolUse = new Map<string, string>();
  for (const relativePath of listFiles(folder)) {
    const agentId = /agent-([^/\\]+)\.meta\.json$/.exec(relativePath)?.[1];
    if (agentId === undefined) continue;
    const toolUseId = readMetaFile(join(folder, relativePath))?.toolUseId;
    if (toolUseId !== undefined) byToolUse.set(toolUseId, agentId);
  }
  return byToolUse;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

function readMetaFile(path: string): AgentMeta | undefined {
  try {
    if (statSync(path).size > MAX_META_BYTES) return undefined;
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const { agentType, toolUseId, spawnDepth } = value as Record<string, unknown>;
    return {
      agentType: typeof agentType === "string" && agentType !== "" ? agentType.slice(0, 200) : undefined,
      toolUseId: typeof toolUseId === "string" ? toolUseId : undefined,
      spawnDepth: typeof spawnDepth === "number" ? spawnDepth : undefined,
    };
  } catch {
    return undefined;
  }
}
