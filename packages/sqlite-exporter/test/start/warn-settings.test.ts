import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordUsage, type TokenWarning, withSession } from "@moai-metrics/instrumentation";
import { DEFAULT_CONFIG, resolveConfig } from "@moai-metrics/settings";
import { context, DiagLogLevel, diag, metrics, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startMetrics } from "../../src/index.ts";
import { warnSettings } from "../../src/start/warn-settings.ts";

let root: string;
let environment: Record<string, string>;
let said: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "warn-settings-"));
  environment = { HOME: root, XDG_CONFIG_HOME: root };
  said = [];
  const collect = (message: string) => void said.push(message);
  const silent = () => undefined;
  diag.setLogger(
    { warn: collect, error: collect, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => {
  for (const api of [metrics, trace, context, diag]) api.disable();
  rmSync(root, { recursive: true, force: true });
});

describe("warnSettings", () => {
  it("asks the configuration what the application does not say", () => {
    const config = resolveConfig({ tokens: { warn_threshold: 7, warn_counts: "total" } });
    expect(warnSettings({}, config)).toEqual({ warnThreshold: 7, warnCounts: "total", onWarn: undefined });
    expect(warnSettings({ warnThreshold: 9 }, config)).toMatchObject({ warnThreshold: 9, warnCounts: "total" });
    expect(warnSettings({ warnCounts: "new" }, config)).toMatchObject({ warnThreshold: 7, warnCounts: "new" });
    expect(warnSettings({}, DEFAULT_CONFIG)).toMatchObject({ warnThreshold: 150_000, warnCounts: "new" });
  });

  it.each([
    [{ warnThreshold: 0.5 }, /warnThreshold is 0\.5; give a whole number/],
    [{ warnCounts: "all" as "new" }, /warnCounts is "all"; give "new" or "total"/],
    [{ onWarn: "log" as never }, /onWarn is "log"; give a function/],
  ])("lets startMetrics refuse %j before anything is set up", (options, message) => {
    expect(() => startMetrics({ storage: join(root, "store"), environment, ...options })).toThrow(message);
  });
});

describe("startMetrics", () => {
  it("calls onWarn once for a session of this process, and no more after a start without it", async () => {
    const warnings: TokenWarning[] = [];
    const storage = join(root, "store");
    const use = (id: string) =>
      withSession({ id }, () => recordUsage({ model: "m", inputTokens: 100, outputTokens: 1 }));
    const handle = startMetrics({
      storage,
      environment,
      serviceName: "warned-app",
      warnThreshold: 100,
      onWarn: (warning) => void warnings.push(warning),
    });
    use("one");
    use("one");
    await handle.shutdown();
    mkdirSync(join(root, "moai-metrics"));
    writeFileSync(join(root, "moai-metrics", "config.json"), '{"metrics":{"tokens":{"warn_threshold":100}}}');
    const next = startMetrics({ storage, environment, serviceName: "warned-app" });
    use("two");
    await next.shutdown();
    expect(warnings).toMatchObject([{ kind: "session", product: "warned-app", sessionId: "one", tokens: 101 }]);
    expect(said.filter((line) => line.includes("has used 101 new tokens"))).toHaveLength(2);
  });
});
