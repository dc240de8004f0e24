import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createZoneCalendar, type Fact, type ModelCallFact } from "@moai-metrics/model";
import { type MetricsConfig, resolveConfig } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AlertTeller, createAlertTeller } from "../../src/index.ts";

const NOON = Date.UTC(2026, 10, 22, 12);

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "alerts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A call of 1,000 tokens, $0.003 where it has a price. */
function call(id: string, model = "claude-sonnet-4-5"): ModelCallFact {
  return {
    kind: "model_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    requestId: id,
    endedAtMillis: NOON - 60_000,
    model,
    usage: { input: 1000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 },
  };
}

function storeWith(facts: readonly Fact[]): Store {
  const store = openStore({ path: join(temporaryFolder(), "metrics.db") });
  onTestFinished(() => store.close());
  store.write({ facts });
  return store;
}

interface Webhook {
  readonly url: string;
  readonly bodies: Record<string, unknown>[];
  readonly requests: IncomingMessage[];
  answer: (response: ServerResponse) => void;
}

/** A real server on loopback that keeps what it was sent. */
async function startWebhook(): Promise<Webhook> {
  const webhook: Webhook = { url: "", bodies: [], requests: [], answer: (response) => response.end("ok") };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      webhook.requests.push(request);
      webhook.bodies.push(JSON.parse(text));
      webhook.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(webhook, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` });
}

function configWith(webhook: string | undefined, more: Parameters<typeof resolveConfig>[0] = {}): MetricsConfig {
  return resolveConfig({
    budgets: [{ name: "day", per: "day", max_tokens: 2_000, warn_at: 0.5 }],
    ...more,
    alerts: { webhook },
  });
}

const calendar = createZoneCalendar("UTC");

function teller(folder = temporaryFolder(), timeoutMillis?: number): AlertTeller & { readonly folder: string } {
  return { ...createAlertTeller({ folder, now: () => NOON, timeoutMillis }), folder };
}

describe("createAlertTeller", () => {
  it("posts once that telemetry stopped while transcripts grow", async () => {
    const webhook = await startWebhook();
    const minutesAgo = (minutes: number): number => NOON - minutes * 60_000;
    const facts = Array.from({ length: 20 }, (_, at): ModelCallFact[] => [
      { ...call(`heard-${at}`), endedAtMillis: minutesAgo(200 - at), witness: "log" },
      { ...call(`silent-${at}`), endedAtMillis: minutesAgo(100 - 2 * at) },
    ]);
    const input = { store: storeWith(facts.flat()), config: configWith(webhook.url, { budgets: [] }), calendar };
    const alerts = teller();
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 1 });
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 0 });
    expect(webhook.bodies[0]?.["text"]).toBe(
      "moai-metrics: Telemetry of claude-code stopped at 2026-11-22T08:59Z: 20 calls since then are known from transcripts alone.",
    );
  });

  it("posts a warning once, and again when it becomes an excess", async () => {
    const webhook = await startWebhook();
    const store = storeWith([call("a")]);
    const input = { store, config: configWith(webhook.url), calendar };
    const alerts = teller();
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 1 });
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 0 });
    store.write({ facts: [call("b"), call("c")] });
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 1 });
    expect(webhook.bodies).toEqual([
      {
        version: 1,
        sentAt: "2026-11-22T12:00:00.000Z",
        text: 'moai-metrics: Budget "day" is used up to 50%: 1,000 of 2,000 tokens on 2026-11-22.',
        alerts: [
          {
            kind: "budget",
            state: "warning",
            message: 'Budget "day" is used up to 50%: 1,000 of 2,000 tokens on 2026-11-22.',
            next: "moai-metrics daily --last 1 --breakdown",
            budget: "day",
            per: "day",
            limit: "tokens",
            subject: "2026-11-22",
            used: 1_000,
            allowed: 2_000,
          },
        ],
      },
      expect.objectContaining({ alerts: [expect.objectContaining({ state: "exceeded", used: 3_000 })] }),
    ]);
    const [request] = webhook.requests;
    expect(request?.method).toBe("POST");
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(alerts.counters()).toEqual({ told: 2, failures: 0, lastFailure: undefined });
  });

  it("tells of tokens beyond the threshold and of models without a price", async () => {
    const webhook = await startWebhook();
    const store = storeWith([call("a", "house-model")]);
    const config = configWith(webhook.url, { budgets: [], tokens: { warn_threshold: 1_000 } });
    await teller().tell({ store, config, calendar });
    expect(webhook.bodies[0]).toMatchObject({
      alerts: [
        { kind: "tokens", subject: "s1", used: 1_000, allowed: 1_000 },
        { kind: "unpriced", subject: "house-model" },
      ],
    });
  });

  it("remembers over a restart what was told, in a file for the user alone", async () => {
    const webhook = await startWebhook();
    const input = { store: storeWith([call("a")]), config: configWith(webhook.url), calendar };
    const first = teller();
    await first.tell(input);
    expect(statSync(join(first.folder, "told.json")).mode & 0o777).toBe(0o600);
    expect(await teller(first.folder).tell(input)).toEqual({ state: "told", alerts: 0 });
    writeFileSync(join(first.folder, "told.json"), "{");
    expect(await teller(first.folder).tell(input)).toEqual({ state: "told", alerts: 1 });
  });

  it("forgets a budget that holds again", async () => {
    const webhook = await startWebhook();
    const store = storeWith([call("a")]);
    const alerts = teller();
    await alerts.tell({ store, config: configWith(webhook.url), calendar });
    await alerts.tell({ store, config: configWith(webhook.url, { budgets: [] }), calendar });
    expect(JSON.parse(readFileSync(join(alerts.folder, "told.json"), "utf8"))).toEqual({ told: {} });
    expect(await alerts.tell({ store, config: configWith(webhook.url), calendar })).toMatchObject({ alerts: 1 });
  });

  it("tries again the next time when the webhook answers with an error, and counts it", async () => {
    const webhook = await startWebhook();
    const input = { store: storeWith([call("a")]), config: configWith(webhook.url), calendar };
    const alerts = teller();
    webhook.answer = (response) => response.writeHead(500).end("no");
    expect(await alerts.tell(input)).toEqual({ state: "failed", alerts: 1, reason: "it answered 500" });
    expect(await alerts.tell(input)).toMatchObject({ state: "failed" });
    expect(alerts.counters()).toEqual({ told: 0, failures: 2, lastFailure: "it answered 500" });
    webhook.answer = (response) => response.end();
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 1 });
    expect(alerts.counters()).toEqual({ told: 1, failures: 2, lastFailure: undefined });
    expect(webhook.bodies).toHaveLength(3);
  });

  it("does not follow the webhook elsewhere", async () => {
    const [webhook, elsewhere] = [await startWebhook(), await startWebhook()];
    webhook.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    const input = { store: storeWith([call("a")]), config: configWith(webhook.url), calendar };
    expect(await teller().tell(input)).toMatchObject({ state: "failed" });
    expect(elsewhere.bodies).toEqual([]);
  });

  it("fails while no one listens, and says so", async () => {
    const webhook = await startWebhook();
    const { port } = new URL(webhook.url);
    const gone = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => gone.once("listening", resolve));
    const { port: closedPort } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(String(closedPort)).not.toBe(port);
    const input = { store: storeWith([call("a")]), config: configWith(`http://127.0.0.1:${closedPort}/`), calendar };
    expect(await teller().tell(input)).toEqual({ state: "failed", alerts: 1, reason: "ECONNREFUSED" });
  });

  it("gives a slow webhook up, and looks only once at a time", async () => {
    const webhook = await startWebhook();
    webhook.answer = () => undefined;
    const input = { store: storeWith([call("a")]), config: configWith(webhook.url), calendar };
    const alerts = teller(undefined, 200);
    const looks = await Promise.all([alerts.tell(input), alerts.tell(input)]);
    expect(looks).toEqual([{ state: "failed", alerts: 1, reason: "no answer within 200 ms" }, { state: "busy" }]);
    webhook.answer = (response) => response.end();
    expect(await alerts.tell(input)).toMatchObject({ state: "told", alerts: 1 });
  });

  it("does nothing without a webhook", async () => {
    const alerts = teller();
    expect(await alerts.tell({ store: storeWith([call("a")]), config: configWith(undefined), calendar })).toEqual({
      state: "off",
    });
    expect(existsSync(join(alerts.folder, "told.json"))).toBe(false);
  });

  it("fails on a store that is closed, and does not tell twice what it could not write down", async () => {
    const webhook = await startWebhook();
    const store = storeWith([call("a")]);
    const file = join(temporaryFolder(), "no-folder");
    writeFileSync(file, "");
    chmodSync(file, 0o400);
    const alerts = teller(file);
    const input = { store, config: configWith(webhook.url), calendar };
    expect(await alerts.tell(input)).toMatchObject({ state: "failed", alerts: 0 });
    expect(await alerts.tell(input)).toEqual({ state: "told", alerts: 0 });
    expect(webhook.bodies).toHaveLength(1);
    store.close();
    expect(await alerts.tell(input)).toMatchObject({ state: "failed", reason: expect.stringContaining("is closed") });
  });
});
