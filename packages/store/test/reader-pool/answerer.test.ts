import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { createAnswerer } from "../../src/reader-pool/answerer.ts";
import { packError, unpackError } from "../../src/reader-pool/messages.ts";
import { call, temporaryFolder } from "../helpers.ts";

describe("an answerer", () => {
  it("ends a question early that is not wanted any more, and answers the next one", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    const store = openStore({ path });
    store.write({ facts: [call()] });
    store.close();
    const cancelled = new Int32Array(1);
    const answerer = createAnswerer(path, cancelled);
    const ask = (id: number) => answerer.answer({ id, target: "query", method: "getModelCalls", parameters: [{}] });
    cancelled[0] = 7;
    expect(await ask(7)).toMatchObject({ id: 7, error: { name: "AbortError" } });
    expect(await ask(8)).toMatchObject({ id: 8, answer: expect.anything() });
    answerer.close();
  });
});

describe("an error between threads", () => {
  it("keeps its kind, whatever was thrown", () => {
    expect(unpackError(packError(new TypeError("t")))).toBeInstanceOf(TypeError);
    expect(unpackError(packError("text"))).toMatchObject({ name: "Error", message: "text" });
    const odd = new Error("odd");
    odd.name = "SqliteError";
    expect(unpackError(packError(odd))).toMatchObject({ name: "SqliteError", message: "odd" });
  });
});
