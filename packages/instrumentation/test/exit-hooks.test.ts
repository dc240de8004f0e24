import { afterEach, describe, expect, it } from "vitest";
import { installExitHooks } from "../src/exit-hooks.ts";

let takeAway: () => void = () => {};
afterEach(() => takeAway());

function install() {
  const calls: string[] = [];
  const before = { exit: process.listenerCount("exit"), signal: process.listenerCount("SIGTERM") };
  takeAway = installExitHooks({
    flush: async (timeoutMillis) => void calls.push(`flush ${timeoutMillis}`),
    saveNow: () => void calls.push("save"),
  });
  return { calls, before };
}

describe("exit hooks", () => {
  it("flush once at a normal end, though the flush itself brings the end again", async () => {
    const { calls } = install();
    process.listeners("beforeExit").at(-1)?.(0);
    process.listeners("beforeExit").at(-1)?.(0);
    expect(calls).toEqual(["flush 3000"]);
    process.listeners("exit").at(-1)?.(0);
    expect(calls).toEqual(["flush 3000", "save"]);
  });

  it("flush on a signal, and leave the rest to an application that listens, too", async () => {
    let heard = 0;
    const own = () => {
      heard += 1;
    };
    process.on("SIGTERM", own);
    const { calls } = install();
    process.kill(process.pid, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.removeListener("SIGTERM", own);
    expect(heard).toBe(1);
    expect(calls).toEqual(["flush 1500"]);
  });

  it("can be taken away", () => {
    const { before } = install();
    expect(process.listenerCount("exit")).toBe(before.exit + 1);
    takeAway();
    expect(process.listenerCount("exit")).toBe(before.exit);
    expect(process.listenerCount("SIGTERM")).toBe(before.signal);
  });
});
