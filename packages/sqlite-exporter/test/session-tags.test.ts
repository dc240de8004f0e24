/** Sessions of an application carry those attributes of its resource that the user promoted. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withSession, withTask } from "@moai-metrics/instrumentation";
import type { Fact } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { trace } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { startMetrics } from "../src/index.ts";
import { createSessionTags, promotedTags } from "../src/session-tags.ts";

const TEAM = { team: "core" };
const session = (sessionId: string): Fact => ({
  ...{ kind: "session", witness: "process", product: "svc", sessionId, activity: [] },
});

it("are promoted by name, without what is empty", () => {
  const attributes = { team: " core ", user: "  ", floor: "3" };
  expect(promotedTags(attributes, ["team", "user", "absent"])).toEqual(TEAM);
});

it("tag each session once, as long as it is remembered, and nothing that has no session", () => {
  const tagsOf = createSessionTags(TEAM, "process");
  expect(tagsOf([session("a"), session("a"), session("b")]).map(({ sessionId, tags }) => [sessionId, tags])).toEqual([
    ["a", TEAM],
    ["b", TEAM],
  ]);
  expect(tagsOf([session("a")])).toEqual([]);
  for (let i = 0; i < 1_000; i++) tagsOf([session(`more ${i}`)]);
  expect(tagsOf([session("a")])).toHaveLength(1);
  const measured: Fact = {
    ...{ kind: "quality", witness: "toolReport", measure: "lint_score", atMillis: 0, score: 1 },
  };
  expect(tagsOf([measured])).toEqual([]);
  expect(createSessionTags({}, "process")([session("a")])).toEqual([]);
});

it("reach the store by way of facts and of spans of other libraries", async () => {
  const home = mkdtempSync(join(tmpdir(), "session-tags-"));
  mkdirSync(join(home, "moai-metrics"));
  writeFileSync(join(home, "moai-metrics/config.json"), JSON.stringify({ metrics: { labels: ["team"] } }));
  const environment = { XDG_CONFIG_HOME: home, OTEL_RESOURCE_ATTRIBUTES: "team=core,floor=3" };
  const handle = startMetrics({ serviceName: "svc", storage: home, environment });
  await withSession({ id: "S" }, () => withTask("a", () => {}));
  const attributes = { "gen_ai.operation.name": "chat", "gen_ai.usage.output_tokens": 2 };
  trace.getTracer("another-library").startSpan("chat", { attributes }).end();
  await handle.shutdown();
  using store = openStore({ path: join(home, "metrics.db"), readOnly: true });
  const tags = store.query.getSessions({}).rows.map((row) => row.tags);
  expect(tags).toEqual([TEAM, TEAM]);
});
