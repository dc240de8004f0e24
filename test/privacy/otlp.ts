/** OTLP/JSON requests of agents and of other programs with a secret in every place that can hold text, except in names. */
import { SECRETS } from "./secrets.ts";

/** A request for one of the three paths. */
export interface PlantedRequest {
  readonly path: "/v1/logs" | "/v1/traces" | "/v1/metrics";
  readonly body: object;
}

/** Secrets of one request: more of them would be beyond the receiver's limits. */
const BATCH = 40;

type Given = Readonly<Record<string, unknown>>;

const anyValue = (value: unknown): object => {
  if (typeof value === "number") return { intValue: String(value) };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === "object" && value !== null) return { kvlistValue: { values: listOf(value as Given) } };
  return { stringValue: value };
};
const listOf = (given: Given): object[] =>
  Object.entries(given).map(([key, value]) => ({ key, value: anyValue(value) }));

/** Content under every name that is known for it. */
const contentOf = (secret: string): Given => ({
  prompt: secret,
  response: secret,
  body: secret,
  error: secret,
  "error.message": secret,
  "exception.message": secret,
  "exception.stacktrace": secret,
  tool_parameters: JSON.stringify({ command: secret }),
  tool_input: secret,
  tool_output: secret,
  arguments: secret,
  output: secret,
  function_args: secret,
  response_text: secret,
  request_text: secret,
  "gen_ai.input.messages": [{ role: "user", parts: [{ content: secret }] }],
  "gen_ai.output.messages": secret,
  "gen_ai.system_instructions": secret,
  "gen_ai.prompt.0.content": secret,
  "gen_ai.completion.0.content": secret,
  "gen_ai.tool.call.arguments": secret,
  "gen_ai.tool.call.result": secret,
  "llm.input_messages.0.message.content": secret,
  "ai.prompt.messages": secret,
  "input.value": secret,
  "url.full": secret,
  "url.path": secret,
  "http.url": secret,
  "db.query.text": secret,
  "db.query.parameter.0": secret,
  "http.request.header.authorization": [secret],
  "code.file.path": secret,
  file_path: secret,
});

/** Who a person is. */
const personOf = (secret: string): Given => ({
  "user.email": secret,
  "user.name": secret,
  "user.id": secret,
  "user.account_uuid": secret,
  "user.account_id": secret,
  "enduser.id": secret,
  "organization.id": secret,
  "account.uuid": secret,
  email: secret,
  user_email: secret,
  "client.address": secret,
});

const resourceOf = (name: string, secret: string): object => ({
  attributes: listOf({
    "service.name": name,
    "service.version": "1.0",
    "process.command": secret,
    "process.command_line": secret,
    "process.command_args": ["agent", "-p", secret],
    "process.environment_variable.API_KEY": secret,
    "process.owner": secret,
    ...personOf(secret),
  }),
});

const nanos = (millis: number): string => `${millis}000000`;
const hex = (n: number, length: number): string => (n + 1).toString(16).padStart(length, "0");

/** Everything that is sent, as of a time. */
export function plantedRequests(nowMillis: number): PlantedRequest[] {
  return requestsOf(nowMillis).flatMap(({ path, body }) =>
    Object.entries(body).flatMap(([name, list]: [string, object[]]) =>
      Array.from({ length: Math.ceil(list.length / BATCH) }, (_, n) => ({
        path,
        body: { [name]: list.slice(n * BATCH, (n + 1) * BATCH) },
      })),
    ),
  );
}

function requestsOf(nowMillis: number): PlantedRequest[] {
  const millisOf = (n: number): number => nowMillis - 600_000 + n * 1_000;
  const logs = (
    service: string,
    scope: string,
    eventsOf: (n: number, secret: string) => readonly Given[],
  ): PlantedRequest => {
    const resourceLogs = SECRETS.map(({ text }, n) => ({
      resource: resourceOf(service, text),
      scopeLogs: [
        {
          scope: { name: scope },
          logRecords: eventsOf(n, text).map((event) => ({
            timeUnixNano: nanos(millisOf(n)),
            severityText: text,
            body: { stringValue: text },
            attributes: listOf({ ...contentOf(text), ...personOf(text), ...event }),
          })),
        },
      ],
    }));
    return { path: "/v1/logs", body: { resourceLogs } };
  };
  return [
    logs("claude-code", "com.anthropic.claude_code.events", claudeEvents),
    logs("codex_cli_rs", "codex_otel", codexEvents),
    logs("gemini-cli", "gemini-cli", geminiEvents),
    logs("canary-service", "canary-scope", otherEvents),
    spans(millisOf),
    metrics(millisOf),
  ];
}

function claudeEvents(n: number, secret: string): Given[] {
  const common = {
    "session.id": `otlp-claude-${n}`,
    "prompt.id": `p${n}`,
    query_source: "sdk",
    "terminal.type": secret,
  };
  const tokens = { input_tokens: 10, output_tokens: 2, model: "claude-sonnet-4-5" };
  return [
    { ...common, "event.name": "user_prompt", prompt: secret, command_name: secret, command_source: secret },
    { ...common, "event.name": "api_request", request_id: `req-otlp-${n}`, ...tokens, speed: secret, effort: secret },
    {
      ...common,
      "event.name": "api_request",
      request_id: `odd-otlp-${n}`,
      ...tokens,
      duration_ms: secret,
      query_source: secret,
    },
    { ...common, "event.name": "api_error", status_code: secret, error: secret, error_type: secret, attempt: secret },
    {
      ...common,
      "event.name": "tool_result",
      tool_name: "Bash",
      tool_use_id: `tu-${n}`,
      success: "false",
      error_type: secret,
      hook_name: secret,
    },
    { ...common, "event.name": "tool_decision", tool_name: "Bash", decision: secret, source: secret },
    { ...common, "event.name": "api_request_body", body: secret, body_ref: secret },
    { ...common, "event.name": secret },
    { "event.name": "user_prompt", prompt: secret },
  ];
}

function codexEvents(n: number, secret: string): Given[] {
  const common = {
    "conversation.id": `otlp-codex-${n}`,
    "app.version": "0.169.0",
    "terminal.type": secret,
    slug: "gpt-5-codex",
    model: "gpt-5-codex",
  };
  const counts = { "event.kind": "response.completed", input_token_count: 50, output_token_count: 5 };
  return [
    { ...common, "event.name": "codex.conversation_starts", mcp_servers: secret, sandbox_policy: secret },
    { ...common, "event.name": "codex.user_prompt", prompt: secret },
    { ...common, "event.name": "codex.sse_event", ...counts },
    { ...common, "event.name": "codex.sse_event", "event.kind": secret, "error.message": secret },
    { ...common, "event.name": "codex.api_request", "http.response.status_code": secret, "auth.header_name": secret },
    {
      ...common,
      "event.name": "codex.tool_result",
      tool_name: "exec_command",
      call_id: `oc-${n}`,
      success: "false",
      output: secret,
    },
    { ...common, "event.name": `codex.${secret}` },
  ];
}

function geminiEvents(n: number, secret: string): Given[] {
  const common = { "session.id": `otlp-gemini-${n}`, "installation.id": secret, prompt_id: `gp${n}` };
  const counts = { input_token_count: 60, output_token_count: 6, model: "gemini-2.5-flash" };
  return [
    { ...common, "event.name": "gemini_cli.config", mcp_servers: secret, core_tools_enabled: secret },
    { ...common, "event.name": "gemini_cli.user_prompt", prompt: secret },
    { ...common, "event.name": "gemini_cli.api_response", ...counts, response_text: secret, finish_reasons: [secret] },
    { ...common, "event.name": "gemini_cli.api_error", error: secret, error_type: secret, status_code: secret },
    {
      ...common,
      "event.name": "gemini_cli.tool_call",
      function_name: "shell",
      function_args: secret,
      error: secret,
      metadata: { secret },
    },
    { ...common, "event.name": "gemini_cli.agent.start", agent_id: `ga-${n}`, agent_name: "helper" },
    {
      ...common,
      "event.name": "gemini_cli.agent.finish",
      agent_id: `ga-${n}`,
      agent_name: "helper",
      terminate_reason: secret,
    },
    { ...common, "event.name": `gemini_cli.${secret}` },
    { ...common, "event.name": "gen_ai.client.inference.operation.details", "gen_ai.input.messages": secret },
  ];
}

function otherEvents(n: number, secret: string): Given[] {
  const usage = { "gen_ai.usage.input_tokens": 4, "gen_ai.usage.output_tokens": 1, "gen_ai.request.model": "gpt-4o" };
  return [
    {
      "event.name": "gen_ai.client.inference.operation.details",
      ...usage,
      "gen_ai.response.id": `or-${n}`,
      "session.id": `os-${n}`,
      "error.type": secret,
    },
    { "event.name": secret },
    { "event.name": `gen_ai.${secret}` },
  ];
}

function spans(millisOf: (n: number) => number): PlantedRequest {
  const resourceSpans = SECRETS.flatMap(({ text }, n) => {
    const span = (at: number, name: string, attributes: Given): object => ({
      traceId: hex(n, 32),
      spanId: hex(n * 16 + at, 16),
      ...(at > 0 ? { parentSpanId: hex(n * 16, 16) } : {}),
      name,
      traceState: text,
      startTimeUnixNano: nanos(millisOf(n)),
      endTimeUnixNano: nanos(millisOf(n) + 500),
      attributes: listOf({ ...contentOf(text), ...personOf(text), ...attributes }),
      events: [{ name: text, timeUnixNano: nanos(millisOf(n)), attributes: listOf(contentOf(text)) }],
      links: [{ traceId: hex(n, 32), spanId: hex(1, 16), attributes: listOf({ note: text }) }],
      status: { code: 2, message: text },
    });
    const usage = { "gen_ai.usage.input_tokens": 4, "gen_ai.usage.output_tokens": 1, "gen_ai.request.model": "gpt-4o" };
    const session = { "session.id": `otlp-claude-${n}` };
    return [
      {
        resource: resourceOf("canary-spans", text),
        scopeSpans: [
          {
            scope: { name: "canary-scope" },
            spans: [
              span(0, `invoke_agent ${text}`, {
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.agent.name": "canary-agent",
                "gen_ai.agent.description": text,
                "error.type": text,
              }),
              span(1, `chat ${text}`, {
                "gen_ai.operation.name": "chat",
                ...usage,
                "gen_ai.response.finish_reasons": [text],
                "error.type": text,
              }),
              span(2, `execute_tool ${text}`, {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "search",
                "gen_ai.tool.description": text,
                "error.type": text,
              }),
              span(3, text, { "gen_ai.operation.name": text }),
            ],
          },
        ],
      },
      {
        resource: resourceOf("claude-code", text),
        scopeSpans: [
          {
            scope: { name: "com.anthropic.claude_code.tracing" },
            spans: [
              span(4, "claude_code.llm_request", {
                ...session,
                request_id: `req-otlp-${n}`,
                input_tokens: 10,
                output_tokens: 2,
                model: "claude-sonnet-4-5",
                response: text,
                stop_reason: text,
              }),
              span(5, "claude_code.tool", {
                ...session,
                tool_use_id: `tu-${n}`,
                tool_name: "Bash",
                full_command: text,
                file_path: text,
              }),
              span(6, text, session),
            ],
          },
        ],
      },
    ];
  });
  return { path: "/v1/traces", body: { resourceSpans } };
}

function metrics(millisOf: (n: number) => number): PlantedRequest {
  const resourceMetrics = SECRETS.map(({ text }, n) => {
    const attributes = listOf({
      ...contentOf(text),
      ...personOf(text),
      "session.id": `otlp-claude-${n}`,
      "canary.point": "canary-point",
    });
    const times = { startTimeUnixNano: nanos(millisOf(n)), timeUnixNano: nanos(millisOf(n) + 500) };
    const exemplars = [{ timeUnixNano: nanos(millisOf(n)), asDouble: 1, filteredAttributes: listOf(contentOf(text)) }];
    const point = { ...times, attributes, exemplars };
    const data = { aggregationTemporality: 1, isMonotonic: true };
    return {
      resource: resourceOf("claude-code", text),
      scopeMetrics: [
        {
          scope: { name: "com.anthropic.claude_code", attributes: listOf({ note: text }) },
          metrics: [
            {
              name: "claude_code.token.usage",
              unit: "tokens",
              sum: { ...data, dataPoints: [{ ...point, asInt: "3" }] },
              metadata: listOf({ note: text }),
            },
            { name: "canary.level", gauge: { dataPoints: [{ ...point, asDouble: 1.5 }] } },
            {
              name: "canary.time",
              unit: "s",
              histogram: {
                ...data,
                dataPoints: [{ ...point, count: "1", sum: 1, bucketCounts: ["1", "0"], explicitBounds: [5] }],
              },
            },
            { name: "canary.refused", summary: { dataPoints: [point] } },
          ],
        },
      ],
    };
  });
  return { path: "/v1/metrics", body: { resourceMetrics } };
}
