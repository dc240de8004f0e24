import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ModelCallFact } from "@moai-metrics/model";
import type { ForwardCounters } from "@moai-metrics/sqlite-exporter/forward";
import { createUsableStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { createExposition } from "../../src/exposition/exposition.ts";
import type { ExpositionRequest } from "../../src/exposition/messages.ts";
import { createShownMetrics } from "../../src/exposition/shown-metrics.ts";
import { temporaryFolder } from "../support/receiver.ts";

const OUTPUT = /gen_ai_client_inference_usage_output_tokens_total\{[^}]*\} (\d+)/;

function createHere(pushes?: () => ForwardCounters | undefined) {
  const file = createUsableStore({ path: join(temporaryFolder(), "metrics.db") }, () => performance.now());
  onTestFinished(() => file.close());
  const exposition = createExposition({ shown: createShownMetrics(file), now: Date.now, pushes });
  const write = (output: number, more: Partial<ModelCallFact> = {}) =>
    file.use((store) =>
      store.write({
        facts: [
          {
            ...{ kind: "model_call", witness: "log", product: "claude-code", sessionId: "s", requestId: "r" },
            ...{ model: "m", endedAtMillis: Date.now() },
            usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output, reasoning: 0 },
            ...more,
          },
        ],
      }),
    );
  const show = async (request: Partial<ExpositionRequest> = {}): Promise<string> => {
    const bytes = await exposition.render({
      ...{ number: 1, format: "text", isCompressed: false, reader: "a", isScrape: true, own: [] },
      ...request,
    });
    return (request.isCompressed ? gunzipSync(bytes) : Buffer.from(bytes)).toString();
  };
  return { exposition, write, show };
}

describe("an exposition", () => {
  it("shows a new series as 0 until it was sent, then as it is, and to one who only looks as it is at once", async () => {
    const { exposition, write, show } = createHere();
    write(7);
    expect(OUTPUT.exec(await show())?.[1]).toBe("0");
    expect(OUTPUT.exec(await show())?.[1]).toBe("0");
    expect(OUTPUT.exec(await show({ isScrape: false }))?.[1]).toBe("7");
    await exposition.confirm("a");
    expect(OUTPUT.exec(await show())?.[1]).toBe("7");
  });

  it("holds what was shown when a better witness says less, and counts that once", async () => {
    const { exposition, write, show } = createHere();
    write(7);
    await show();
    await exposition.confirm("a");
    expect(await show()).toContain("moai_exposition_corrections_total 0\n");
    write(5, { witness: "transcript" });
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await show();
      expect(OUTPUT.exec(text)?.[1]).toBe("7");
      expect(text).toMatch(/moai_exposition_series_held [1-9]/);
      expect(text).toMatch(/moai_exposition_corrections_total [1-9]/);
    }
  });

  it("speaks OpenMetrics and compresses where that is asked for", async () => {
    const { write, show } = createHere();
    write(7);
    expect(await show({ format: "openmetrics", isCompressed: true })).toMatch(/# EOF\n$/);
  });

  it("tells of pushes", async () => {
    const counters: ForwardCounters = { pushes: { success: 3, "503": 1 }, lastSuccessMillis: 1_500 };
    const text = await createHere(() => counters).show();
    expect(text).toContain('moai_forward_pushes_total{outcome="503"} 1\n');
    expect(text).toContain("moai_forward_last_success_seconds 1.5\n");
    const before = await createHere(() => ({ pushes: {}, lastSuccessMillis: undefined })).show();
    expect(before).toContain("moai_forward_last_success_seconds 0\n");
  });

  it("shows the receiver's own metrics alone while the file cannot be used, and says so", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    mkdirSync(path);
    const file = createUsableStore({ path }, () => performance.now());
    onTestFinished(() => file.close());
    const exposition = createExposition({ shown: createShownMetrics(file), now: Date.now });
    const bytes = await exposition.render({
      ...{ number: 1, format: "text", isCompressed: false, reader: "a", isScrape: true, own: [] },
    });
    const text = Buffer.from(bytes).toString();
    expect(text).toContain("moai_exposition_readable 0\n");
    expect(text).not.toMatch(OUTPUT);
    await expect(exposition.confirm("a")).resolves.toBeUndefined();
  });
});
