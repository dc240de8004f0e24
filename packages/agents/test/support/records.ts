/** Lines as Claude Code writes them, with only what a test is about. */

export const START = Date.UTC(2026, 10, 20, 9);

/** The time of a line, in seconds after {@link START}. */
export function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

const CONTEXT = { cwd: "/home/devusr/shop", sessionId: "session-1", version: "2.1.197", gitBranch: "main" };

export function prompt(seconds: number, text: unknown, more: Record<string, unknown> = {}) {
  return {
    parentUuid: null,
    isSidechain: false,
    promptId: "p1",
    type: "user",
    message: { role: "user", content: text },
    uuid: `user-${seconds}`,
    timestamp: at(seconds),
    ...CONTEXT,
    ...more,
  };
}

export const USAGE = {
  input_tokens: 10,
  cache_creation_input_tokens: 5,
  cache_read_input_tokens: 20,
  output_tokens: 7,
  cache_creation: { ephemeral_1h_input_tokens: 2, ephemeral_5m_input_tokens: 3 },
};

/** What differs from a plain reply `msg_1` of request `req_1`. */
export interface ReplyParts {
  readonly message?: Record<string, unknown>;
  readonly line?: Record<string, unknown>;
}

export function reply(seconds: number, { message = {}, line = {} }: ReplyParts = {}) {
  return {
    isSidechain: false,
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [{ type: "text", text: "done" }],
      stop_reason: "end_turn",
      usage: USAGE,
      ...message,
    },
    requestId: "req_1",
    type: "assistant",
    uuid: `assistant-${seconds}`,
    timestamp: at(seconds),
    ...CONTEXT,
    ...line,
  };
}

export function toolUse(
  seconds: number,
  id: string,
  name: string,
  input: unknown = {},
  line: Record<string, unknown> = {},
) {
  return reply(seconds, {
    message: { id: `msg_${id}`, content: [{ type: "tool_use", id, name, input }], stop_reason: "tool_use" },
    line: { requestId: `req_${id}`, ...line },
  });
}

export function toolResult(
  seconds: number,
  id: string,
  content: unknown,
  { isError = false, line = {} }: { isError?: boolean; line?: Record<string, unknown> } = {},
) {
  return prompt(
    seconds,
    [{ tool_use_id: id, type: "tool_result", content, ...(isError ? { is_error: true } : {}) }],
    line,
  );
}
