import { describe, expect, it } from "vitest";
import { errorClass, shownEvent } from "../../src/telemetry/attributes.ts";

describe("classes of errors", () => {
  it.each(["rate_limit", "server_error", "unknown", "error_no_complete_task_call", "429", 503])("keeps %s", (given) => {
    expect(errorClass(given)).toBe(String(given));
  });

  it.each([
    "sk-ant-api03-abc",
    "AKIAQWERTYUIOPASDFGH",
    "hunter2",
    "npm_abcdefghijklmnopqrstuvwxyzabcdef",
    "wrong key",
    "_x",
    "",
    4911234567,
    undefined,
  ])("keeps nothing of %s", (given) => {
    expect(errorClass(given)).toBeUndefined();
  });
});

describe("names of events", () => {
  it("are shown when they look like one", () => {
    expect(shownEvent("gemini_cli.api_error")).toBe("gemini_cli.api_error");
    for (const odd of ["codex.sk-ant-1", "Please rewrite", "x".repeat(80), ""])
      expect(shownEvent(odd)).toBe("(odd name)");
  });
});
