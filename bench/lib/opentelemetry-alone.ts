/**
 * The same agent as an author would measure it by hand, with OpenTelemetry's SDK and nothing of ours: the same metrics
 * and spans, into exporters that throw them away. What this adds to the agent is what any measuring costs on a machine.
 */
import { conventionName, METRICS, type MetricDefinition, type MetricKey } from "@moai-metrics/model";
import { type Attributes, context, metrics, SpanKind, type Tracer, trace, ValueType } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** What the provider's reply tells. */
interface Reply {
  readonly id: string;
  readonly model: string;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_read_input_tokens: number;
  };
}

/** An agent's measurements. */
export interface HandMadeMeasuring {
  run<T>(agent: string, work: () => Promise<T>): Promise<T>;
  call(reply: Reply, durationMillis: number): void;
  tool<T>(name: string, work: () => Promise<T>): Promise<T>;
  flush(): Promise<void>;
}

/** Dollars for a token, as the price list has it for the model of the simulated agent. */
const USD = { input: 3e-6, cacheRead: 3e-7, output: 15e-6 } as const;

/** Registers the SDK, and makes the instruments. */
export function measureByHand(): HandMadeMeasuring {
  const thrownAway = {
    export: (_: unknown, done: (result: ExportResult) => void) => done({ code: ExportResultCode.SUCCESS }),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: thrownAway })] });
  const tracerProvider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: thrownAway })] });
  metrics.setGlobalMeterProvider(meterProvider);
  trace.setGlobalTracerProvider(tracerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const inputTokens = recorderOf("inputTokens");
  const outputTokens = recorderOf("outputTokens");
  const cacheReadTokens = recorderOf("cacheReadTokens");
  const callInputTokens = recorderOf("callInputTokens");
  const callOutputTokens = recorderOf("callOutputTokens");
  const inferenceDuration = recorderOf("inferenceDuration");
  const cost = recorderOf("cost");
  const executeToolDuration = recorderOf("executeToolDuration");
  const taskActive = recorderOf("taskActive");
  const taskCount = recorderOf("taskCount");
  const taskDuration = recorderOf("taskDuration");
  const taskTokens = recorderOf("taskTokens");
  const invokeAgentDuration = recorderOf("invokeAgentDuration");
  const invokeAgentInferenceCalls = recorderOf("invokeAgentInferenceCalls");
  const invokeAgentToolCalls = recorderOf("invokeAgentToolCalls");

  const tracer: Tracer = trace.getTracer("bench");
  let agent = "";
  let run = { tokens: 0, calls: 0, tools: 0 };

  return {
    run: (name, work) =>
      tracer.startActiveSpan(
        `invoke_agent ${name}`,
        { attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name } },
        async (span) => {
          const startedAt = performance.now();
          agent = name;
          run = { tokens: 0, calls: 0, tools: 0 };
          const labels = { "gen_ai.agent.name": name };
          taskActive(1, labels);
          const value = await work();
          span.end();
          const seconds = (performance.now() - startedAt) / 1000;
          const ended = { ...labels, "moai.task.kind": "sdk", "moai.task.result": "success" };
          taskActive(-1, labels);
          taskCount(1, ended);
          taskDuration(seconds, ended);
          taskTokens(run.tokens, { ...labels, "moai.task.kind": "sdk" });
          invokeAgentDuration(seconds, labels);
          invokeAgentInferenceCalls(run.calls, labels);
          invokeAgentToolCalls(run.tools, labels);
          return value;
        },
      ),
    call: ({ id, model, usage }, durationMillis) => {
      const { input_tokens: fresh, output_tokens: output, cache_read_input_tokens: cacheRead } = usage;
      const input = fresh + cacheRead;
      const labels = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": model,
        "gen_ai.agent.name": agent,
      };
      const span = tracer.startSpan(`chat ${model}`, {
        kind: SpanKind.CLIENT,
        startTime: Date.now() - durationMillis,
        attributes: labels,
      });
      span.setAttributes({
        "gen_ai.response.id": id,
        "gen_ai.usage.input_tokens": input,
        "gen_ai.usage.output_tokens": output,
        "gen_ai.usage.cache_read.input_tokens": cacheRead,
      });
      span.end();
      const counted = { ...labels, "gen_ai.token.modality": "unknown" };
      inputTokens(input, counted);
      outputTokens(output, counted);
      cacheReadTokens(cacheRead, counted);
      callInputTokens(input, labels);
      callOutputTokens(output, labels);
      inferenceDuration(durationMillis / 1000, labels);
      cost(fresh * USD.input + cacheRead * USD.cacheRead + output * USD.output, {
        "moai.agent.product": "bench",
        "gen_ai.agent.name": agent,
        "gen_ai.request.model": model,
        "moai.cost.origin": "computed",
      });
      run.tokens += input + output;
      run.calls += 1;
    },
    tool: (name, work) =>
      tracer.startActiveSpan(
        `execute_tool ${name}`,
        { attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name } },
        async (span) => {
          const startedAt = performance.now();
          const value = await work();
          span.end();
          executeToolDuration((performance.now() - startedAt) / 1000, {
            "gen_ai.tool.name": name,
            "gen_ai.tool.type": "function",
            "gen_ai.agent.name": agent,
          });
          run.tools += 1;
          return value;
        },
      ),
    flush: async () => {
      await Promise.all([meterProvider.forceFlush(), tracerProvider.forceFlush()]);
    },
  };
}

/** Records a metric of the catalogue, under its name and with its buckets. */
function recorderOf(key: MetricKey): (value: number, attributes: Attributes) => void {
  const { instrument, unit, description, valueType, buckets }: MetricDefinition = METRICS[key];
  const meter = metrics.getMeter("bench");
  const name = conventionName(key, "g3") ?? key;
  const options = { unit, description, valueType: valueType === "int" ? ValueType.INT : ValueType.DOUBLE };
  if (instrument === "histogram") {
    const advice = buckets === undefined ? {} : { explicitBucketBoundaries: [...buckets] };
    const histogram = meter.createHistogram(name, { ...options, advice });
    return (value, attributes) => histogram.record(value, attributes);
  }
  const counter =
    instrument === "counter" ? meter.createCounter(name, options) : meter.createUpDownCounter(name, options);
  return (value, attributes) => counter.add(value, attributes);
}
