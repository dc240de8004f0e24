// An agent that uses the instrumentation and sets nothing up; prints into FAKE_OUTPUT what its children would inherit.
import { writeFileSync } from "node:fs";
import { instrumentAgent, recordUsage } from "@moai-metrics/instrumentation";

const inherited = Object.entries(process.env).filter(([name]) =>
  /^NODE_OPTIONS|^MOAI_METRICS_RUN_(REGISTER|NODE)/.test(name),
);
writeFileSync(process.env.FAKE_OUTPUT, inherited.map(([name, value]) => `${name} ${value}\n`).join(""));
await instrumentAgent("planner", async () => {
  recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 3, outputTokens: 4 });
})();
