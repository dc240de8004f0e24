/** Which agents are on this machine, and where they keep their settings. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type Environment, primaryCheckout } from "@moai-metrics/settings";
import type { AgentId } from "./agent-ids.ts";
import { askVersion, type FoundProgram } from "./find-program.ts";

/** An agent that was looked for. */
export interface FoundAgent {
  readonly id: AgentId;
  readonly label: string;
  /** Undefined when there is none on `PATH`. */
  readonly program: FoundProgram | undefined;
  /** Folders that hold its settings; of MoAI the project. Those that are not there yet included. */
  readonly folders: readonly string[];
  /** Whether its program or one of its folders is there. */
  readonly isHere: boolean;
}

/** Where to look. */
export interface AgentPlaces {
  readonly environment: Environment;
  readonly homeFolder: string;
  readonly workingFolder: string;
}

/** Looks for every agent; their programs are asked for their versions, all at the same time. */
export async function findAgents(places: AgentPlaces): Promise<FoundAgent[]> {
  const { environment, homeFolder, workingFolder } = places;
  const besideClaude = [join(homeFolder, ".claude", "local"), join(homeFolder, ".local", "bin")];
  const [claude, codex, gemini] = await Promise.all([
    askVersion("claude", environment, besideClaude),
    askVersion("codex", environment),
    askVersion("gemini", environment),
  ]);
  const project = findMoaiProject(workingFolder);
  return [
    foundAgent("claude-code", "Claude Code", claude, claudeFolders(environment, homeFolder)),
    foundAgent("codex", "Codex", codex, [environment["CODEX_HOME"] || join(homeFolder, ".codex")]),
    foundAgent("gemini-cli", "Gemini CLI", gemini, [join(environment["GEMINI_CLI_HOME"] || homeFolder, ".gemini")]),
    foundAgent("moai", "MoAI", undefined, project === undefined ? [] : [project]),
  ];
}

function foundAgent(
  id: AgentId,
  label: string,
  program: FoundProgram | undefined,
  folders: readonly string[],
): FoundAgent {
  return { id, label, program, folders, isHere: program !== undefined || folders.some((folder) => existsSync(folder)) };
}

/** Each entry of `CLAUDE_CONFIG_DIR`, else the vendor's own folder; and the profiles of MoAI. */
function claudeFolders(environment: Environment, homeFolder: string): string[] {
  const named = (environment["CLAUDE_CONFIG_DIR"] ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => isAbsolute(entry))
    // Readers of transcripts also take the folder inside.
    .map((entry) => (basename(entry) === "projects" ? dirname(entry) : resolve(entry)));
  const own = named.length > 0 ? named : [join(homeFolder, ".claude")];
  return [...new Set([...own, ...moaiProfiles(join(homeFolder, ".moai", "claude-profiles"))])];
}

function moaiProfiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

/** The nearest folder above with a `.moai`; a worktree's primary checkout, because worktrees come and go. */
function findMoaiProject(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const primary = primaryCheckout(at) ?? at;
    // The home folder's own .moai holds MoAI itself.
    if (existsSync(join(primary, ".moai", "config")) || existsSync(join(primary, ".moai", "metrics"))) return primary;
    if (at === dirname(at) || existsSync(join(at, ".git"))) return undefined;
  }
}
