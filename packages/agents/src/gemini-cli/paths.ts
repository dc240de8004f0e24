/** Where Gemini CLI keeps chats, and what a path says about the chat. */
import { closeSync, openSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AgentEnvironment } from "../contract.ts";
import { MAX_PATH_LENGTH, textOf } from "../jsonl/json-values.ts";

/** Every folder that may hold chats, existing or not. */
export function chatRoots({ homeFolder, variables }: AgentEnvironment): string[] {
  const moved = variables["GEMINI_CLI_HOME"];
  return [join(moved === undefined || moved === "" ? homeFolder : moved, ".gemini", "tmp")];
}

/** `chats/session-….jsonl`, in older versions `.json`, and `chats/<session>/<subagent>.jsonl`. */
const CHAT = /[\\/]chats[\\/](?:session-[^\\/]*\.jsonl?|[^\\/]+[\\/][^\\/]+\.jsonl)$/;

/** Whether a file of this path is a chat. */
export function isChat(path: string): boolean {
  return CHAT.test(path);
}

/** What the path of a chat says. */
export interface ChatPlace {
  /** The session that the chat of a subagent belongs to. */
  readonly parentSessionId: string | undefined;
  /** Folder of the project's own files, in which `chats` lies. */
  readonly projectFolder: string;
}

/** Reads a path. */
export function chatPlace(path: string): ChatPlace {
  const folder = dirname(path);
  if (basename(folder) === "chats") return { parentSessionId: undefined, projectFolder: dirname(folder) };
  return { parentSessionId: basename(folder), projectFolder: dirname(dirname(folder)) };
}

/** The project that a folder of Gemini CLI stands for, as the file `.project_root` in it says; undefined without one. */
export function readProjectRoot(projectFolder: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(projectFolder, ".project_root"), "r");
    const bytes = Buffer.alloc(MAX_PATH_LENGTH + 1);
    const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, 0)).trim();
    return textOf(text, MAX_PATH_LENGTH);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
