import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { closeGate, createGateState, createThreadGate } from "../../src/writing/thread-gate.ts";

const GATE_URL = new URL("../../src/writing/thread-gate.ts", import.meta.url).href;
/** Takes a step for each message: holds the gate once more, lets go, or says where it is. */
const THREAD = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(${JSON.stringify(GATE_URL)}).then(({ createThreadGate }) => {
    const gate = createThreadGate(workerData);
    const held = [];
    parentPort.on("message", (step) => {
      if (step === "hold") held.push(gate.hold());
      else if (step === "let go") held.pop()();
      parentPort.postMessage(step);
      if (step === "hold for a while") {
        const release = gate.hold();
        parentPort.postMessage("holding");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
        release();
      }
    });
    parentPort.postMessage("ready");
  });
`;

async function startThread() {
  const state = createGateState();
  const thread = new Worker(THREAD, { eval: true, workerData: state });
  onTestFinished(() => void thread.terminate());
  const heard: string[] = [];
  thread.on("message", (message: string) => heard.push(message));
  const hears = (message: string) => expect.poll(() => heard, { timeout: 20_000 }).toContain(message);
  const step = async (message: string) => {
    thread.postMessage(message);
    await hears(message);
    heard.length = 0;
  };
  await hears("ready");
  return { state, thread, heard, hears, step };
}

describe("the gate of the writing thread", () => {
  it("is closed at once while the thread is outside of SQLite, and the thread stays outside", async () => {
    const { state, thread, heard, step } = await startThread();
    await step("hold");
    await step("let go");
    expect(closeGate(state, 10)).toBe(true);
    thread.postMessage("hold");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toEqual([]);
    expect(closeGate(state, 10)).toBe(true);
    // A thread that waits at the gate can be ended.
    expect(await thread.terminate()).toBe(1);
  });

  it("is closed as soon as the thread has left SQLite", async () => {
    const { state, thread, hears } = await startThread();
    thread.postMessage("hold for a while");
    await hears("holding");
    expect(closeGate(state, 20_000)).toBe(true);
  });

  it("waits no longer than it is told, and for all who hold it", async () => {
    const { state, step } = await startThread();
    await step("hold");
    await step("hold");
    await step("let go");
    expect(closeGate(state, 10)).toBe(false);
    await step("let go");
    expect(closeGate(state, 10)).toBe(true);
  });

  it("counts each holder once, however often it lets go", () => {
    const state = createGateState();
    const gate = createThreadGate(state);
    const [first, second] = [gate.hold(), gate.hold()];
    first();
    first();
    expect(closeGate(state, 1)).toBe(false);
    second();
    expect(closeGate(state, 1)).toBe(true);
  });
});
