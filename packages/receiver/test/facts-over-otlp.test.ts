/** A process without a local store tells a receiver all that it would have told its own store. */
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { expect, it, onTestFinished } from "vitest";
import {
  configure,
  recordFiles,
  recordLines,
  recordQuality,
  recordUsage,
  setFactSink,
  withSession,
  withTask,
  withTool,
} from "../../instrumentation/src/index.ts";
import { createFactLog } from "../../instrumentation/src/register/fact-logs.ts";
import { startReceiver, temporaryFolder } from "./support/receiver.ts";

/** What a store knows, without the paths' keys, which are its own. */
function known(store: Store): unknown {
  const { tasks, sessions, usage, tools, quality } = store.ledger;
  return [tasks({}), sessions({}), usage({ by: ["agent", "model"] }), tools({}), quality({})];
}

it("a receiver knows what a local store would, and each fact once", async () => {
  const { port, read } = await startReceiver();
  const exporter = new OTLPLogExporter({ url: `http://127.0.0.1:${port}/v1/logs` });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  const log = createFactLog(provider.getLogger("@moai-metrics/instrumentation"));
  const facts: Fact[] = [];
  configure({ isEnabled: true, product: "shop" });
  const takeAway = setFactSink((fact) => {
    facts.push(fact);
    log(fact);
    log(fact);
  });
  onTestFinished(takeAway);
  withSession({ id: "s", branch: "main", project: "/shop" }, () => {
    withTask("planner", (task) => {
      recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 10, outputTokens: 5 });
      withTool("search", () => withTask("helper", () => recordUsage({ model: "gpt-5", errorType: "rate_limit" })));
      recordFiles({ created: ["a.ts"], modified: "b.ts" });
      recordLines({ added: 3 });
      task.setResult("failure", { errorType: "NoPlan" });
    });
  });
  recordQuality({ benchmark: "startup", benchmarkScore: 41.5, project: "/shop", atMillis: 1_780_000_000_000 });
  await provider.shutdown();
  using local = openStore({ path: join(temporaryFolder(), "local.db") });
  local.write({ facts });
  expect(facts.length).toBeGreaterThan(10);
  expect(read(known)).toEqual(known(local));
});
