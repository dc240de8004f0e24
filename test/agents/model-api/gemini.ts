/** Google's Gemini API: https://ai.google.dev/api/generate-content */
import type { Asked, Dialect, Reply, ScriptedUsage, WireReply } from "./script.ts";
import { eventStream } from "./script.ts";

interface GenerateContentRequest {
  readonly contents: readonly { readonly role?: string }[];
  readonly tools?: readonly unknown[];
}

/** Creates the dialect. */
export function createGeminiDialect(): Dialect {
  return {
    read: (path, _headers, body) => {
      const [, model] = /\/models\/([^:/]+):(?:streamG|g)enerateContent/.exec(path) ?? [];
      if (model === undefined) return undefined;
      const { contents, tools = [] } = body as GenerateContentRequest;
      return {
        model,
        role: tools.length === 0 ? "auxiliary" : "main",
        turn: contents.filter(({ role }) => role === "model").length,
      };
    },
    told: (usage) => ({ ...usage, cacheWrite5m: 0, cacheWrite1h: 0 }),
    answerOther: (path) =>
      path.includes(":countTokens")
        ? { contentType: "application/json", body: JSON.stringify({ totalTokens: 1000 }) }
        : undefined,
    write,
    refuse: (code) => ({ error: { code, message: "The script says no.", status: "INVALID_ARGUMENT" } }),
  };
}

function write(path: string, { model }: Asked, step: Reply, usage: ScriptedUsage, number: number): WireReply {
  const part = "tool" in step ? { functionCall: { name: step.tool, args: step.input } } : { text: step.text };
  const reply = {
    candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }],
    usageMetadata: usageOf(usage),
    modelVersion: model,
    responseId: `gemini-script${String(number).padStart(4, "0")}`,
  };
  return path.includes(":streamGenerateContent")
    ? { contentType: "text/event-stream", body: eventStream([{ data: reply }]) }
    : { contentType: "application/json", body: JSON.stringify(reply) };
}

/** The prompt includes what was cached; thoughts stand beside the candidates. */
function usageOf({ input, cacheRead, output, reasoning }: ScriptedUsage): object {
  return {
    promptTokenCount: input + cacheRead,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output - reasoning,
    thoughtsTokenCount: reasoning,
    totalTokenCount: input + cacheRead + output,
  };
}
