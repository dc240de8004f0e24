/** What the daemon does with what is stored, against a real webhook. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { BackgroundEvent } from "../../src/background/messages.ts";
import { createAlertsJob, createReportsJob } from "../../src/background/telling-jobs.ts";
import { createAlertTeller } from "../../src/index.ts";
import { temporaryFolder } from "../support/receiver.ts";

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 22, 12);

function call(id: string, atMillis: number): Fact {
  return {
    kind: "model_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    requestId: id,
    endedAtMillis: atMillis,
    model: "claude-sonnet-4-5",
    usage: { input: 1000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 },
  };
}

/** A user with a store, settings, a clock and what the jobs told. */
function user(metrics: object, facts: readonly Fact[]) {
  const home = temporaryFolder();
  const storage = join(home, "storage");
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
  const store: Store = openStore({ path: databasePath(storage) });
  onTestFinished(() => store.close());
  store.write({ facts });
  const clock = { nowMillis: NOON };
  const events: BackgroundEvent[] = [];
  const options = {
    environment: { HOME: home },
    timeZone: "UTC",
    now: () => clock.nowMillis,
    tell: (event: BackgroundEvent) => void events.push(event),
  };
  return { home, storage, store, clock, events, options };
}

describe("the reports of the daemon", () => {
  it("are written for closed days, and looked at again after half a minute at the earliest", async () => {
    const { storage, store, clock, events, options } = user({}, [call("r1", NOON - DAY)]);
    const job = createReportsJob(storage, options);
    const read = (day: string) => JSON.parse(readFileSync(join(storage, "reports", "daily", `${day}.json`), "utf8"));
    await job.run(store);
    expect(read("2026-11-21").daily_report.summary.tokens_used).toBe(1000);
    store.write({ facts: [call("r2", NOON - DAY)] });
    await job.run(store);
    expect(read("2026-11-21").daily_report.summary.tokens_used).toBe(1000);
    clock.nowMillis += 30_000;
    await job.run(store);
    expect(read("2026-11-21").daily_report.summary.tokens_used).toBe(2000);
    expect(events).toEqual([]);
  });

  it("that cannot be written are told, and do not end the round", async () => {
    const { storage, store, events, options } = user({}, [call("r1", NOON - DAY)]);
    writeFileSync(join(storage, "reports"), "in the way");
    await createReportsJob(storage, options).run(store);
    expect(events).toMatchObject([{ kind: "warning", message: expect.stringContaining("were not written") }]);
  });
});

describe("the alerts of the daemon", () => {
  it("reach the webhook once, and a webhook that fails is told once and tried again", async () => {
    const bodies: string[] = [];
    let status = 500;
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        bodies.push(text);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const budgets = [{ name: "small", per: "day", max_tokens: 10 }];
    const { storage, store, clock, events, options } = user({ budgets, alerts: { webhook: url } }, [call("r1", NOON)]);
    const teller = createAlertTeller({ folder: join(storage, "alerts"), now: options.now });
    const job = createAlertsJob(teller, options);
    const look = async (count: number): Promise<void> => {
      clock.nowMillis += 30_000;
      await job.run(store);
      await vi.waitFor(() => expect(bodies).toHaveLength(count));
      // The answer is taken in a moment after it was sent.
      await vi.waitFor(() => expect(teller.counters().told + teller.counters().failures).toBe(count));
    };
    await look(1);
    await look(2);
    expect(events).toMatchObject([{ kind: "warning", message: expect.stringContaining("were not told") }]);
    status = 200;
    await look(3);
    expect(bodies[2]).toContain("small");
    clock.nowMillis += 30_000;
    await job.run(store);
    await job.run(store);
    expect(bodies).toHaveLength(3);
    expect(events).toHaveLength(1);
  });
});
