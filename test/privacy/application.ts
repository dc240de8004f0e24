/**
 * An application whose agents handle secrets: in arguments, results, errors, changed files, and in what another
 * library's instrumentation writes on its spans. argv: storage.
 */
import {
  instrumentAgent,
  recordFiles,
  recordLines,
  recordUsage,
  withSession,
  withTask,
  withTool,
} from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import { SECRETS } from "./secrets.ts";

const [storage = ""] = process.argv.slice(2);
const handle = startMetrics({ serviceName: "canary-application", storage });

class KeyRejectedError extends Error {
  override name = "KeyRejectedError";
}

const agent = instrumentAgent("planner", {
  async run(prompt: string) {
    return { text: `${prompt}!`, usage: { input_tokens: 7, output_tokens: 3 }, model: "gpt-4o" };
  },
});

const refuse = (secret: string) => async (): Promise<never> => {
  throw new KeyRejectedError(secret, { cause: new Error(secret) });
};

function foreignSpan(operation: string, secret: string): void {
  const span = trace.getTracer("another-library").startSpan(`${operation} ${secret}`, {
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.tool.name": "search",
      "gen_ai.usage.input_tokens": 5,
      "gen_ai.usage.output_tokens": 2,
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: secret }] }]),
      "gen_ai.output.messages": secret,
      "gen_ai.system_instructions": secret,
      "gen_ai.prompt": secret,
      "gen_ai.completion": secret,
      "gen_ai.tool.call.arguments": secret,
      "gen_ai.tool.call.result": secret,
      "gen_ai.tool.definitions": secret,
      "ai.prompt.messages": secret,
      "llm.input_messages.0.message.content": secret,
      "traceloop.entity.input": secret,
      "url.full": secret,
      "db.query.text": secret,
      "http.request.header.authorization": [secret],
      "error.type": `${secret} was refused`,
      "error.message": secret,
    },
  });
  span.addEvent("gen_ai.content.prompt", { "gen_ai.prompt": secret });
  span.recordException(new Error(secret));
  span.setStatus({ code: SpanStatusCode.ERROR, message: secret });
  span.end();
}

metrics.getMeter("canary-meter").createCounter("canary.count").add(1, { "canary.attribute": "canary-value" });
for (const [n, { text }] of SECRETS.entries()) {
  await withSession({ id: `application-${n}` }, async () => {
    await withTask("worker", async () => {
      await withTool("search", () => text);
      await withTool({ name: "search", callId: `call-${n}` }, refuse(text)).catch(() => undefined);
      recordUsage({
        model: "gpt-4o",
        provider: "openai",
        inputTokens: 10,
        outputTokens: 1,
        errorType: `${text} failed`,
      });
      recordUsage({
        id: `resp-${n}`,
        model: "gpt-4o",
        usage: { prompt_tokens: 3, completion_tokens: 1 },
        choices: [{ message: { content: text } }],
      } as never);
      recordFiles({ created: `/home/dev/${text}`, modified: [text] });
      recordLines({ added: 3, removed: 1 });
      foreignSpan("chat", text);
      foreignSpan("execute_tool", text);
    });
    await withTask("worker", refuse(text)).catch(() => undefined);
    await agent.run(text);
  }).catch(() => undefined);
}
await handle.shutdown();
process.stdout.write(`${JSON.stringify(handle.stats())}\n`);
