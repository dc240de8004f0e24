import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createForwarder, type ForwarderOptions } from "../../src/forward/index.ts";
import { MAX_PAUSE_MILLIS, planPause } from "../../src/forward/plan-push.ts";
import { startBackend } from "./otlp-backend.ts";

const NOON = Date.UTC(2026, 10, 28, 12);
const OUTPUT = "gen_ai.client.inference.usage.output_tokens";
const DURATION = "gen_ai.client.inference.duration";
const TOKENS = 7;

/** A store whose every step is one call of seven tokens, and what pushes it. */
function forwardOf(url: string, options: Partial<ForwarderOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "forward-"));
  const clock = { millis: NOON };
  const now = () => clock.millis;
  const store = openStore({ path: join(folder, "metrics.db"), now });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let calls = 0;
  const forwarder = createForwarder({
    url,
    headers: {},
    temporality: "cumulative",
    intervalMillis: 60_000,
    // Shorter than the exporter's first pause before it tries again.
    timeoutMillis: 700,
    source: {
      expose: async () => store.exposed.expose({ reader: "forward", delivery: "sent" }),
      confirm: async () => store.exposed.confirm("forward"),
    },
    instanceId: "i",
    now,
    ...options,
  });
  return {
    store,
    clock,
    forwarder,
    work: (): void => {
      clock.millis += 60_000;
      calls += 1;
      store.write({
        facts: [
          {
            kind: "model_call",
            witness: "transcript",
            product: "claude-code",
            sessionId: "s",
            requestId: `r${calls}`,
            model: "m",
            endedAtMillis: clock.millis,
            durationMillis: 100,
            usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: TOKENS, reasoning: 0 },
          },
        ],
      });
    },
    /** Rows that are kept for the backend. */
    stored: () =>
      store.exposed.expose({ reader: "forward", delivery: "looked_at" }).metrics.flatMap(({ series }) => series).length,
    tokens: () => calls * TOKENS,
    calls: () => calls,
  };
}

describe("what is pushed", () => {
  it("is cumulative data of the catalogue that begins at 0, marked as forwarded, with the headers", async () => {
    const backend = await startBackend();
    const { forwarder, work } = forwardOf(backend.url, {
      headers: { "api-key": "secret" },
      timeoutMillis: 10_000,
    });
    work();
    expect([await forwarder.push(), await forwarder.push()]).toEqual(["success", "success"]);
    expect(backend.requests[0]).toMatchObject({ "api-key": "secret", "content-encoding": "gzip" });
    const [born, then] = backend.points.filter(({ metric }) => metric === OUTPUT);
    expect([born?.value, then?.value]).toEqual([0, TOKENS]);
    expect(then).toMatchObject({
      unit: "{token}",
      temporality: 2,
      isMonotonic: true,
      startMillis: NOON + 60_000,
      timeMillis: NOON + 60_000,
      resource: { "service.name": "moai-metrics", "service.instance.id": "i", "moai.forwarded": true },
    });
    expect(forwarder.counters()).toEqual({ pushes: { success: 2 }, lastSuccessMillis: NOON + 60_000 });
  });

  it("is delta data where that is wanted: what grew since the last push that was taken", async () => {
    const backend = await startBackend((request) => ({ status: request === 2 ? 503 : 200 }));
    const { forwarder, work, tokens, calls } = forwardOf(backend.url, { temporality: "delta" });
    for (let i = 0; i < 6; i++) {
      work();
      await forwarder.push();
    }
    work();
    await forwarder.push();
    expect(backend.total(OUTPUT)).toBe(tokens());
    expect(backend.total(DURATION)).toBe(calls());
    const told = backend.points.filter(({ metric }) => metric === OUTPUT);
    expect(told.every(({ temporality }) => temporality === 1)).toBe(true);
    expect(told.every(({ startMillis, timeMillis }) => startMillis < timeMillis)).toBe(true);
  });
});

describe("a backend", () => {
  it.each([
    ["429 with Retry-After 0", { status: 429, headers: { "Retry-After": "0" } }, "429"],
    ["429 with Retry-After of an hour", { status: 429, headers: { "Retry-After": "3600" } }, "429"],
    ["429 with a date", { status: 429, headers: { "Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT" } }, "429"],
    ["429 with garbage", { status: 429, headers: { "Retry-After": "soon, -7; \u00e9" } }, "429"],
    ["429 without a word", { status: 429 }, "429"],
    ["500", { status: 500 }, "500"],
    ["503", { status: 503 }, "503"],
    ["401", { status: 401 }, "401"],
    ["400", { status: 400 }, "400"],
    ["a cut connection", "cut", "unreachable"],
    ["silence", "hang", "unreachable"],
    ["a failure of which a byte comes now and then, without an end", { status: 500, dripMillis: 20 }, "unreachable"],
    ["a reply of ten gigabytes", { status: 500, floodBytes: 10e9 }, "unreachable"],
  ] as const)("that answers with %s loses nothing, and gets all of it when it is back", async (_, reply, outcome) => {
    let isBack = false;
    const backend = await startBackend(() => (isBack ? { status: 200 } : reply));
    const { forwarder, work, tokens, store } = forwardOf(backend.url);
    for (let i = 0; i < 3; i++) {
      work();
      const pushed = await forwarder.push();
      expect([outcome, "unreachable"]).toContain(pushed);
    }
    expect(backend.points).toEqual([]);
    isBack = true;
    await forwarder.push();
    work();
    await forwarder.push();
    expect(backend.newest(OUTPUT)).toBe(tokens());
    expect(store.query.summary({}).tokens.output).toBe(tokens());
    const { pushes } = forwarder.counters();
    expect(pushes["success"]).toBe(2);
    expect(Object.values(pushes).reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  it("that takes data and then lets its reply drip has taken it", async () => {
    const backend = await startBackend((request) =>
      request === 1 ? { status: 200, dripMillis: 20 } : { status: 200 },
    );
    const { forwarder, work, tokens } = forwardOf(backend.url);
    for (let i = 0; i < 3; i++) {
      work();
      expect(await forwarder.push()).toBe("success");
    }
    expect(backend.newest(OUTPUT)).toBe(tokens());
  });

  it("that replies with gigabytes is cut off after a few megabytes", async () => {
    const backend = await startBackend(() => ({ status: 200, floodBytes: 10e9 }));
    const { forwarder, work } = forwardOf(backend.url, { timeoutMillis: 10_000 });
    work();
    expect(await forwarder.push()).toBe("unreachable");
    expect(backend.requests).toHaveLength(1);
    // What was written lies in part in the buffers of the two ends.
    expect(backend.flooded()).toBeLessThan(64e6);
  });

  it.each(["cumulative", "delta"] as const)(
    "that is down for six hours is asked some 80 times, and has everything after one push: %s",
    async (temporality) => {
      let isDown = true;
      const backend = await startBackend(() => (isDown ? "cut" : { status: 200 }));
      const { forwarder, work, tokens, clock, stored } = forwardOf(backend.url, { temporality });
      isDown = false;
      work();
      await forwarder.push();
      const before = stored();
      isDown = true;
      const backAtMillis = clock.millis + 6 * 3_600_000;
      let failures = 0;
      while (clock.millis < backAtMillis) {
        // A call a minute, whatever becomes of the pushes.
        const nextPushAt = clock.millis + planPause(failures, 60_000, 0.5);
        while (clock.millis < nextPushAt) work();
        expect(await forwarder.push()).toBe("unreachable");
        failures += 1;
      }
      expect(failures).toBeGreaterThan(60);
      expect(failures).toBeLessThan(100);
      expect(stored()).toBe(before);
      isDown = false;
      expect(await forwarder.push()).toBe("success");
      expect(temporality === "delta" ? backend.total(OUTPUT) : backend.newest(OUTPUT)).toBe(tokens());
      expect(tokens()).toBeGreaterThan(360 * TOKENS);
    },
  );

  it("that says no for good is asked once for each push", async () => {
    const backend = await startBackend(() => ({ status: 400 }));
    const { forwarder, work } = forwardOf(backend.url);
    work();
    expect(await forwarder.push()).toBe("400");
    expect(backend.requests).toHaveLength(1);
  });

  it("that refuses one delta for good gets the next ones", async () => {
    const backend = await startBackend((request) => ({ status: request === 0 ? 400 : 200 }));
    const { forwarder, work, tokens } = forwardOf(backend.url, { temporality: "delta" });
    for (let i = 0; i < 3; i++) {
      work();
      await forwarder.push();
    }
    expect(forwarder.counters().pushes).toEqual({ "400": 1, success: 2 });
    expect(backend.total(OUTPUT)).toBe(tokens() - 2 * TOKENS);
  });

  it("that nobody listens for is one that is down", async () => {
    const { forwarder, work } = forwardOf("http://127.0.0.1:9/v1/metrics");
    work();
    expect(await forwarder.push()).toBe("unreachable");
  });

  it.each(["cumulative", "delta"] as const)(
    "that flaps 200 times ends with the ledger's total: %s",
    async (temporality) => {
      const backend = await startBackend((request) => (request % 2 === 0 ? { status: 500 } : { status: 200 }));
      const { forwarder, work, tokens } = forwardOf(backend.url, { temporality });
      for (let i = 0; i < 200; i++) {
        work();
        await forwarder.push();
      }
      while ((await forwarder.push()) !== "success") {}
      while ((await forwarder.push()) !== "success") {}
      expect(temporality === "delta" ? backend.total(OUTPUT) : backend.newest(OUTPUT)).toBe(tokens());
      const values = backend.points.filter(({ metric }) => metric === OUTPUT).map(({ value }) => value);
      if (temporality === "cumulative") expect(values).toEqual(values.toSorted((a, b) => a - b));
    },
  );
});

describe("the pauses between pushes", () => {
  it("grow with failures up to five minutes, are spread, and are the interval after a success", () => {
    expect(planPause(0, 60_000, 0.5)).toBe(60_000);
    expect([1, 2, 3, 99].map((failures) => planPause(failures, 60_000, 1))).toEqual([
      120_000, 240_000, 300_000, 300_000,
    ]);
    expect(planPause(1, 60_000, 0)).toBe(96_000);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 5_000, max: 3_600_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, interval, random) => {
          const pause = planPause(failures, interval, random);
          expect(pause).toBeGreaterThanOrEqual(Math.floor(interval * 0.8));
          expect(pause).toBeLessThanOrEqual(Math.max(MAX_PAUSE_MILLIS, interval));
        },
      ),
    );
  });
});

describe("a forwarder", () => {
  it("pushes at once, again after its interval, and once more when it is stopped", async () => {
    const backend = await startBackend();
    const { forwarder, work, tokens } = forwardOf(backend.url, { intervalMillis: 20 });
    work();
    forwarder.start();
    while (backend.newest(OUTPUT) < tokens()) await new Promise((resolve) => setTimeout(resolve, 5));
    work();
    await forwarder.stop();
    expect(backend.newest(OUTPUT)).toBe(tokens());
  });

  it("does not wait for a backend that is silent when it is stopped", async () => {
    const backend = await startBackend(() => "hang");
    const { forwarder, work } = forwardOf(backend.url, { timeoutMillis: 60_000 });
    work();
    forwarder.start();
    while (backend.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await forwarder.stop();
    expect(forwarder.counters().pushes).toEqual({});
  });

  it("counts a file that cannot be used, and goes on", async () => {
    const backend = await startBackend();
    const { forwarder, store, work } = forwardOf(backend.url);
    work();
    store.close();
    expect(await forwarder.push()).toBe("unreadable");
    expect(backend.requests).toEqual([]);
  });
});
