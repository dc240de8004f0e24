/** Anthropic's Messages API: https://docs.anthropic.com/en/api/messages-streaming */
import type { Asked, Dialect, Reply, ScriptedUsage, WireReply } from "./script.ts";
import { eventStream } from "./script.ts";

interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
  readonly system?: unknown;
}

/** Creates the dialect. @param subagent a name that stands in the system prompt of the script's subagent. */
export function createAnthropicDialect(subagent: string): Dialect {
  return {
    read: (path, _headers, body) => {
      if (!/\/v1\/messages(\?|$)/.test(path)) return undefined;
      const { model, messages, tools = [], system } = body as MessagesRequest;
      const isSubagent = JSON.stringify(system ?? "").includes(subagent);
      return {
        model,
        role: tools.length === 0 ? "auxiliary" : isSubagent ? subagent : "main",
        turn: messages.filter(({ role }) => role === "assistant").length,
      };
    },
    // Reasoning is inside the output and not told apart.
    told: (usage) => ({ ...usage, reasoning: 0 }),
    answerOther: (path) =>
      path.includes("count_tokens")
        ? { contentType: "application/json", body: JSON.stringify({ input_tokens: 1000 }) }
        : undefined,
    write,
    refuse: () => ({ type: "error", error: { type: "invalid_request_error", message: "The script says no." } }),
  };
}

function write(_path: string, { model }: Asked, step: Reply, usage: ScriptedUsage, number: number): WireReply {
  const isTool = "tool" in step;
  const start = isTool
    ? { type: "tool_use", id: `toolu_script${String(number).padStart(4, "0")}`, name: step.tool, input: {} }
    : { type: "text", text: "" };
  const delta = isTool
    ? { type: "input_json_delta", partial_json: JSON.stringify(step.input) }
    : { type: "text_delta", text: step.text };
  const thought = isTool ? undefined : step.thinking;
  const thinking =
    thought === undefined
      ? []
      : [
          { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
          { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: thought } },
          { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2lnbmVk" } },
          { type: "content_block_stop", index: 0 },
        ];
  const index = thought === undefined ? 0 : 1;
  const events = [
    {
      type: "message_start",
      message: {
        id: `msg_script${String(number).padStart(4, "0")}`,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usageOf(usage), output_tokens: 1 },
      },
    },
    ...thinking,
    { type: "content_block_start", index, content_block: start },
    { type: "content_block_delta", index, delta },
    { type: "content_block_stop", index },
    {
      type: "message_delta",
      delta: { stop_reason: isTool ? "tool_use" : "end_turn", stop_sequence: null },
      usage: usageOf(usage),
    },
    { type: "message_stop" },
  ];
  return {
    contentType: "text/event-stream",
    headers: { "request-id": `req_script${String(number).padStart(4, "0")}` },
    body: eventStream(events.map((data) => ({ event: data.type, data }))),
  };
}

function usageOf({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }: ScriptedUsage): object {
  return {
    input_tokens: input,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: output,
  };
}
