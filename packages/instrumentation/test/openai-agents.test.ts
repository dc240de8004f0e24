/** What surrounds the patches of the OpenAI Agents SDK; the SDK itself is tested in test/sdks. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configure } from "../src/index.ts";
import { applyPatch } from "../src/sdks/apply.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

describe("the functions of the OpenAI Agents SDK", () => {
  type Patched = Readonly<Record<string, (...args: unknown[]) => unknown>>;
  class Runner {
    run(_agent: unknown, input: unknown) {
      return input;
    }
  }
  const requests = {
    getResponseWithRetry: (value: unknown) => value,
    getStreamedResponseWithRetry: (value: unknown) => value,
  };

  it("do what they do where recording is off", () => {
    configure({ isEnabled: false });
    applyPatch("@openai/agents-core", "dist/run", { Runner });
    expect(new Runner().run({ name: "a" }, 7)).toBe(7);
    const patched = applyPatch("@openai/agents-core", "dist/runner/modelRetry", requests) as Patched;
    expect([patched["getResponseWithRetry"]?.(1), patched["getStreamedResponseWithRetry"]?.(2)]).toEqual([1, 2]);
    const stream = (async function* () {})();
    expect(patched["getStreamedResponseWithRetry"]?.(stream)).toBe(stream);
    expect(watch.facts).toEqual([]);
  });

  it("record a run that gives no promise, and leave tools without a function alone", () => {
    applyPatch("@openai/agents-core", "dist/run", { Runner });
    expect(new Runner().run({ name: "a" }, 7)).toBe(7);
    expect(watch.factsOf("task").at(-1)).toMatchObject({ agent: "a", outcome: { result: "success" } });
    const made = applyPatch("@openai/agents-core", "dist/tool", { tool: (options: unknown) => options }) as Patched;
    const hosted = { name: "hosted" };
    expect(made["tool"]?.(hosted)).toBe(hosted);
  });
});
