/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses-streaming */
import type { Asked, Dialect, Reply, ScriptedUsage, WireReply } from "./script.ts";
import { eventStream } from "./script.ts";

interface ResponsesRequest {
  readonly model: string;
  readonly input: readonly { readonly type?: string }[];
  readonly tools?: readonly unknown[];
}

/** Creates the dialect. */
export function createOpenAiDialect(): Dialect {
  return {
    read: (path, _headers, body) => {
      if (!/\/responses(\?|$)/.test(path)) return undefined;
      const { model, input, tools = [] } = body as ResponsesRequest;
      return {
        model,
        role: tools.length === 0 ? "auxiliary" : "main",
        turn: input.filter(({ type }) => type === "function_call_output").length,
      };
    },
    told: (usage) => ({ ...usage, cacheWrite5m: 0, cacheWrite1h: 0 }),
    answerOther: (path) =>
      /\/models(\?|$)/.test(path)
        ? { contentType: "application/json", body: JSON.stringify({ object: "list", data: [], models: [] }) }
        : undefined,
    write,
    refuse: () => ({ error: { type: "invalid_request_error", message: "The script says no.", code: "script" } }),
  };
}

function write(_path: string, { model }: Asked, step: Reply, usage: ScriptedUsage, number: number): WireReply {
  const id = `resp_script${String(number).padStart(4, "0")}`;
  const item =
    "tool" in step
      ? {
          type: "function_call",
          id: `fc_script${number}`,
          call_id: `call_script${String(number).padStart(4, "0")}`,
          name: step.tool,
          arguments: JSON.stringify(step.input),
          status: "completed",
        }
      : {
          type: "message",
          id: `item_script${number}`,
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: step.text, annotations: [] }],
        };
  const response = { id, object: "response", model, status: "in_progress", output: [] };
  const events = [
    { type: "response.created", response },
    { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress" } },
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: "response.completed",
      response: { ...response, status: "completed", output: [item], usage: usageOf(usage) },
    },
  ];
  return {
    contentType: "text/event-stream",
    body: eventStream(
      events.map((data, sequence) => ({ event: data.type, data: { ...data, sequence_number: sequence } })),
    ),
  };
}

/** Input includes what was cached, output includes the reasoning. */
function usageOf({ input, cacheRead, output, reasoning }: ScriptedUsage): object {
  return {
    input_tokens: input + cacheRead,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + cacheRead + output,
  };
}
