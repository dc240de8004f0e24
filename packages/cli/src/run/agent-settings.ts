/** What the agents' own settings say of telemetry, where it lies. Read only. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@moai-metrics/settings";
import { MANAGED_SETTINGS_FILES } from "../machine/managed-settings.ts";

/** What settings files say; empty where there are none. */
export interface AgentSettings {
  /** `env` of Claude Code's user settings: these outrank the environment of the process. */
  readonly claudeEnvironment: Environment;
  /** The same of managed settings, which nothing outranks. */
  readonly claudeManagedEnvironment: Environment;
  /** `telemetry` of Gemini CLI's user settings. */
  readonly geminiTelemetry: Readonly<Record<string, unknown>>;
  /** The text of Codex's `config.toml`. */
  readonly codexConfig: string;
}

/** Reads them. What cannot be read says nothing: the agent itself will tell. */
export function readAgentSettings(environment: Environment, homeFolder: string): AgentSettings {
  const claudeFolder = folderOf(environment["CLAUDE_CONFIG_DIR"]?.split(",")[0]) ?? join(homeFolder, ".claude");
  const geminiHome = folderOf(environment["GEMINI_CLI_HOME"]) ?? homeFolder;
  const codexFolder = folderOf(environment["CODEX_HOME"]) ?? join(homeFolder, ".codex");
  return Object.freeze({
    claudeEnvironment: textsOf(partOf(join(claudeFolder, "settings.json"), "env")),
    claudeManagedEnvironment: textsOf(partOf(MANAGED_SETTINGS_FILES[process.platform], "env")),
    geminiTelemetry: partOf(join(geminiHome, ".gemini", "settings.json"), "telemetry"),
    codexConfig: read(join(codexFolder, "config.toml")),
  });
}

function folderOf(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

function partOf(path: string | undefined, key: string): Readonly<Record<string, unknown>> {
  try {
    const part: unknown = (JSON.parse(read(path)) as Record<string, unknown>)[key];
    return typeof part === "object" && part !== null ? (part as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textsOf(values: Readonly<Record<string, unknown>>): Environment {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "object" || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

function read(path: string | undefined): string {
  try {
    return path === undefined ? "" : readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
