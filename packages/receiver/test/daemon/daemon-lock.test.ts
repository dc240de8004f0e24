import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireDaemonLock } from "../../src/daemon/daemon-lock.ts";
import { DaemonRunsError, startDaemon } from "../../src/serve.ts";
import { temporaryFolder } from "../support/receiver.ts";

function hold(storage: string) {
  const outcome = acquireDaemonLock(storage);
  if (outcome.state !== "held") throw new Error("It is held already.");
  onTestFinished(() => outcome.lock.release());
  return outcome.lock;
}

describe("the lock of a storage folder", () => {
  it("is held by one, who may say who he is and where he listens", () => {
    const storage = join(temporaryFolder(), "storage");
    const lock = hold(storage);
    expect(acquireDaemonLock(storage)).toEqual({ state: "elsewhere", daemon: undefined });
    lock.announce({ pid: 7 });
    expect(acquireDaemonLock(storage)).toEqual({ state: "elsewhere", daemon: { pid: 7, url: undefined } });
    lock.announce({ pid: 7, url: "http://127.0.0.1:4318" });
    expect(acquireDaemonLock(storage)).toMatchObject({ daemon: { url: "http://127.0.0.1:4318" } });
    lock.release();
    hold(storage).release();
  });

  it("says nothing of a note that makes no sense", () => {
    const storage = temporaryFolder();
    hold(storage);
    writeFileSync(join(storage, "receiver.json"), '{"pid":"seven"}');
    expect(acquireDaemonLock(storage)).toEqual({ state: "elsewhere", daemon: undefined });
  });

  it("keeps a second daemon out even when no one knows who the first one is", async () => {
    const storage = temporaryFolder();
    hold(storage);
    const place = {
      storage,
      environment: {},
      homeFolder: storage,
      timeZone: "UTC",
      host: "127.0.0.1",
      port: 0,
      hosts: [],
    };
    await expect(startDaemon({ ...place, requiresToken: false })).rejects.toThrow(
      `Another receiver receives already for ${storage}.`,
    );
    expect(new DaemonRunsError("/s", { pid: 7 }).message).toBe(
      "Process 7 receives already for /s. Stop it with: kill 7",
    );
  });
});
