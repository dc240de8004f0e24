import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { acquireDaemonLock } from "../../src/daemon/daemon-lock.ts";
import { startRunReceiver } from "../../src/run/run-receiver.ts";
import { send, temporaryFolder } from "../support/receiver.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

function spanOf(sessionId: string): string {
  const attributes = Object.entries({ "gen_ai.operation.name": "chat", "session.id": sessionId }).map(
    ([key, value]) => ({
      key,
      value: { stringValue: value },
    }),
  );
  const startTimeUnixNano = String(BigInt(Date.now()) * 1_000_000n);
  const span = {
    traceId: "0123456789abcdef0123456789abcdef",
    spanId: Buffer.from(sessionId.padEnd(8).slice(0, 8)).toString("hex"),
    name: "chat",
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano,
    attributes,
  };
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: "an-sdk" }, spans: [span] }] }] });
}

const portOf = (url: string): number => Number(new URL(url).port);

describe("the receiver of a run", () => {
  it("stores what comes, beside a daemon that holds the lock, and names the sessions", async () => {
    const storage = temporaryFolder();
    const lock = acquireDaemonLock(storage);
    const receiver = await startRunReceiver({ storage, environment: { HOME: storage }, requiresToken: false });
    const port = portOf(receiver.url);
    for (const session of ["one", "two", "one"]) {
      expect((await send(port, "/v1/traces", { headers: JSON_TYPE, body: spanOf(session) })).status).toBe(200);
    }
    expect([receiver.token, receiver.isWriting]).toEqual([undefined, true]);
    expect(receiver.sessions.map(({ sessionId }) => sessionId)).toEqual(["one", "two"]);
    await Promise.all([receiver.stop(), receiver.stop()]);
    const store = openStore({ path: databasePath(storage), readOnly: true });
    expect(
      store.ledger
        .sessions({})
        .map(({ sessionId }) => sessionId)
        .toSorted(),
    ).toEqual(["one", "two"]);
    store.close();
    expect(lock.state).toBe("held");
    if (lock.state === "held") lock.lock.release();
  });

  it("waits for what still comes when it is told to stop, but not for ever", async () => {
    const storage = temporaryFolder();
    const options = { storage, environment: { HOME: storage }, requiresToken: false };
    const receiver = await startRunReceiver({ ...options, quietMillis: 1500 });
    const stopped = receiver.stop();
    const reply = await send(portOf(receiver.url), "/v1/traces", { headers: JSON_TYPE, body: spanOf("late") });
    expect(reply.status).toBe(200);
    await stopped;
    expect(receiver.sessions).toEqual([{ product: expect.any(String), sessionId: "late" }]);
    const impatient = await startRunReceiver({ ...options, quietMillis: 60_000, maxWaitMillis: 50 });
    await impatient.stop();
    await expect(send(portOf(impatient.url), "/healthz", { method: "GET" })).rejects.toThrow("ECONNREFUSED");
  });

  it("takes the token of the storage folder where one is demanded", async () => {
    const storage = temporaryFolder();
    const receiver = await startRunReceiver({ storage, environment: { HOME: storage }, requiresToken: true });
    const port = portOf(receiver.url);
    expect(statSync(join(storage, "receiver-token")).mode & 0o777).toBe(0o600);
    expect((await send(port, "/v1/traces", { headers: JSON_TYPE, body: spanOf("a") })).status).toBe(401);
    const headers = { ...JSON_TYPE, Authorization: `Bearer ${receiver.token}` };
    expect((await send(port, "/v1/traces", { headers, body: spanOf("a") })).status).toBe(200);
    await receiver.stop();
  });

  it("says when nothing can be stored", async () => {
    const storage = temporaryFolder();
    mkdirSync(databasePath(storage));
    const receiver = await startRunReceiver({ storage, environment: { HOME: storage }, requiresToken: false });
    const reply = await send(portOf(receiver.url), "/v1/traces", { headers: JSON_TYPE, body: spanOf("a") });
    expect([reply.status, receiver.isWriting]).toEqual([503, false]);
    await receiver.stop();
  });
});
