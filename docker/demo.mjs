/**
 * Agents that do not exist, so that boards have something to show: node demo.mjs COLLECTOR_URL [TURNS [PAUSE_MILLIS]]. Everything is
 * invented and says so: the program is called demo, its agents demo-…. Spans of the GenAI conventions over OTLP/HTTP as JSON.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "http://127.0.0.1:4318", times = "Infinity", pause] = process.argv.slice(2);
const MODELS = ["claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5.1"];
const AGENTS = ["demo-backend", "demo-frontend", "demo-reviewer"];
const TOOLS = ["Bash", "Edit", "Read", "Grep"];

const pick = (some) => some[Math.floor(Math.random() * some.length)];
const between = (least, most) => Math.round(least + Math.random() * (most - least));
const text = (key, value) => ({ key, value: { stringValue: value } });
const whole = (key, value) => ({ key, value: { intValue: String(value) } });

/** One turn: an agent that calls models and tools, and hands a part to another agent. Ends now. */
function turn() {
  const traceId = randomBytes(16).toString("hex");
  const conversation = text("gen_ai.conversation.id", `demo-${randomBytes(4).toString("hex")}`);
  const spans = [];
  let at = Date.now();
  const add = (name, millis, parentSpanId, attributes, errorType) => {
    const spanId = randomBytes(8).toString("hex");
    spans.unshift({
      ...{ traceId, spanId, name, kind: 3 },
      ...(parentSpanId !== undefined && { parentSpanId }),
      startTimeUnixNano: `${at - millis}000000`,
      endTimeUnixNano: `${at}000000`,
      attributes: [...attributes, conversation, ...(errorType === undefined ? [] : [text("error.type", errorType)])],
      status: errorType === undefined ? {} : { code: 2 },
    });
    return spanId;
  };
  const run = (agent, parent, isFailed) => {
    const parts = between(2, 5);
    const attributes = [text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.agent.name", agent)];
    const id = add(`invoke_agent ${agent}`, parts * 1500 + 500, parent, attributes, isFailed ? "timeout" : undefined);
    for (let i = 0; i < parts; i++) {
      const model = pick(MODELS);
      at -= 100;
      add(`chat ${model}`, between(400, 1200), id, [
        ...[
          text("gen_ai.operation.name", "chat"),
          text("gen_ai.request.model", model),
          text("gen_ai.agent.name", agent),
        ],
        text("gen_ai.provider.name", model.startsWith("gpt") ? "openai" : "anthropic"),
        text("gen_ai.response.id", `demo-${randomBytes(6).toString("hex")}`),
        whole("gen_ai.usage.input_tokens", between(2000, 9000)),
        whole("gen_ai.usage.cache_read.input_tokens", between(500, 1900)),
        whole("gen_ai.usage.output_tokens", between(100, 900)),
      ]);
      const tool = pick(TOOLS);
      const isToolFailed = Math.random() < 0.08;
      const ofTool = [text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", tool)];
      add(`execute_tool ${tool}`, between(20, 300), id, ofTool, isToolFailed ? "tool_error" : undefined);
    }
    return id;
  };
  const main = run("demo-main", undefined, Math.random() < 0.07);
  run(pick(AGENTS), main, Math.random() < 0.12);
  return {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "demo"), text("service.version", "0.1.0")] },
        scopeSpans: [{ scope: { name: "demo" }, spans }],
      },
    ],
  };
}

for (let sent = 0; sent < Number(times); sent++) {
  const body = JSON.stringify(turn());
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${url}/v1/traces`, { method: "POST", headers, body }).catch((error) => error);
  if (answer.ok !== true)
    process.stderr.write(`The Collector at ${url} did not take a turn: ${answer.status ?? answer}\n`);
  if (sent + 1 < Number(times)) await sleep(pause === undefined ? between(2000, 8000) : Number(pause));
}
