/** A line of a chat, as far as facts are made of it. */
import type { FileChange, ReportedTokens } from "@moai-metrics/model";

/** Whose chat it is. */
export interface ChatRecord {
  readonly kind: "chat";
  readonly atMillis: number | undefined;
  readonly sessionId: string;
  readonly isSubagent: boolean;
  /** Messages, of a chat that lies in its first line. */
  readonly messages: readonly MessageRecord[];
}

/** A message; told again under the same id when it has changed. */
export interface MessageRecord {
  readonly kind: "message";
  readonly id: string;
  readonly atMillis: number;
  readonly role: "user" | "gemini" | "error" | "other";
  /** Of a user's message: someone asked something. */
  readonly isPrompt: boolean;
  readonly model: string | undefined;
  readonly tokens: GeminiTokens | undefined;
  readonly toolCalls: readonly GeminiToolCall[];
  /** Of Gemini's message: it says something. */
  readonly hasText: boolean;
}

/** Counts as Gemini reports them: input with cached, output without thoughts. */
export interface GeminiTokens extends ReportedTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly output: number;
  readonly reasoning: number;
}

/** A tool call of a message. */
export interface GeminiToolCall {
  readonly id: string;
  readonly tool: string | undefined;
  /** When it ended; undefined while it runs. */
  readonly endedAtMillis: number | undefined;
  /** Undefined for success. */
  readonly errorType: string | undefined;
  /** The subagent that it started. */
  readonly agentId: string | undefined;
  readonly agent: string | undefined;
  readonly file: { readonly path: string; readonly change: FileChange } | undefined;
  readonly linesAdded: number | undefined;
  readonly linesRemoved: number | undefined;
}

export type GeminiRecord =
  | ChatRecord
  | MessageRecord
  /** Changes of the chat; `messages` replaces what was told before, with the same ids. */
  | { readonly kind: "update"; readonly messages: readonly MessageRecord[] }
  | { readonly kind: "rewind" };
