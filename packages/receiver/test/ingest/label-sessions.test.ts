/** Attributes of senders that the user promoted become tags of their sessions; all others stay outside. */
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore, openStore } from "@moai-metrics/store";
import { expect, it, onTestFinished } from "vitest";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { IngestRequest } from "../../src/ingest/jobs.ts";
import { temporaryFolder } from "../support/receiver.ts";

type Attributes = Readonly<Record<string, string | boolean>>;

const listOf = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "boolean" ? { boolValue: value } : { stringValue: value },
  }));

const now = (): string => `${Date.now()}000000`;

interface Sender {
  readonly session: string;
  readonly resource?: Attributes;
  readonly own?: Attributes;
}

/** A call that Claude Code logs. */
const logs = (...senders: readonly Sender[]): IngestRequest => ({
  signal: "logs",
  encoding: "json",
  body: Buffer.from(
    JSON.stringify({
      resourceLogs: senders.map(({ session, resource = {}, own = {} }) => ({
        resource: { attributes: listOf({ "service.name": "claude-code", ...resource }) },
        scopeLogs: [
          {
            scope: { name: "com.anthropic.claude_code.events" },
            logRecords: [
              {
                timeUnixNano: now(),
                attributes: listOf({
                  ...{ "event.name": "api_request", "session.id": session, request_id: `req_${session}` },
                  ...{ model: "claude-haiku-4-5", input_tokens: "10", output_tokens: "2", duration_ms: "5" },
                  ...own,
                }),
              },
            ],
          },
        ],
      })),
    }),
  ),
});

/** A call that the conventions tell. */
const span = ({ session, resource = {}, own = {} }: Sender): IngestRequest => ({
  signal: "traces",
  encoding: "json",
  body: Buffer.from(
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: listOf({ "service.name": "shop", ...resource }) },
          scopeSpans: [
            {
              spans: [
                {
                  ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), name: "chat" },
                  ...{ startTimeUnixNano: now(), endTimeUnixNano: now() },
                  attributes: [
                    ...listOf({ "gen_ai.operation.name": "chat", "gen_ai.conversation.id": session, ...own }),
                    { key: "gen_ai.usage.output_tokens", value: { intValue: "2" } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    }),
  ),
});

async function taken(labels: readonly string[] | undefined, ...requests: readonly IngestRequest[]) {
  const path = databasePath(temporaryFolder());
  const file = createUsableStore({ path, labels }, () => performance.now());
  onTestFinished(() => file.close());
  const ingest = createIngest({ file, configOf: () => DEFAULT_CONFIG, labels });
  for (const request of requests) {
    const [outcome] = await ingest.take([request]);
    expect(outcome).toMatchObject({ state: "committed" });
  }
  using store = openStore({ path, readOnly: true });
  const { rows } = store.query.getSessions({});
  const { metrics } = store.exposed.expose({ reader: "test", delivery: "looked_at" });
  const output = metrics.find(({ key }) => key === "outputTokens")?.series ?? [];
  return {
    tags: Object.fromEntries(rows.map(({ sessionId, tags }) => [sessionId, tags])),
    counted: output.map(({ attributes, sum }) => [attributes["team"] ?? attributes["user.email"] ?? "none", sum]),
    counters: ingest.counters(),
  };
}

it("takes what the sender says of itself, of logs and of spans, and counts under it at once", async () => {
  const { tags, counted } = await taken(
    ["team", "is_bot"],
    logs(
      { session: "a", resource: { team: "core", floor: "3", is_bot: true } },
      { session: "b", resource: { team: "infra" } },
      { session: "c" },
    ),
    span({ session: "d", resource: { team: " core " } }),
  );
  expect(tags).toEqual({ a: { team: "core", is_bot: "true" }, b: { team: "infra" }, c: {}, d: { team: "core" } });
  expect(counted.toSorted()).toEqual([
    ["core", 2],
    ["core", 2],
    ["infra", 2],
    ["none", 2],
  ]);
});

it("prefers what a record says to what its sender says, and counts a value that is too long", async () => {
  const { tags, counters } = await taken(
    ["team"],
    logs(
      { session: "a", resource: { team: "core" }, own: { team: "infra" } },
      { session: "b", own: { team: "x".repeat(201) } },
    ),
  );
  expect(tags).toEqual({ a: { team: "infra" }, b: {} });
  expect(counters.items.logs.passedOver).toMatchObject({ "label of more than 200 characters": 1 });
});

it("lets a person in only by the name that was promoted", async () => {
  const person = { session: "a", own: { "user.email": "ann@example.com", "user.id": "77" } };
  const closed = await taken(undefined, logs(person));
  expect([closed.tags, closed.counted]).toEqual([{ a: {} }, [["none", 2]]]);
  expect(closed.counters.attributes).toMatchObject({ "attribute about a person or an account": 2 });
  const open = await taken(["user.email"], logs(person));
  expect([open.tags, open.counted]).toEqual([{ a: { "user.email": "ann@example.com" } }, [["ann@example.com", 2]]]);
  expect(open.counters.attributes).toMatchObject({ "attribute about a person or an account": 1 });
});
