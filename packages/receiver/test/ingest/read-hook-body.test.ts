import { describe, expect, it } from "vitest";
import { readHookBody } from "../../src/ingest/read-hook-body.ts";
import { MalformedRequestError } from "../../src/otlp/malformed-request-error.ts";

const AT = Date.UTC(2026, 10, 28);
const read = (text: string | Uint8Array) =>
  readHookBody(typeof text === "string" ? new TextEncoder().encode(text) : text, AT);

describe("the body of a hook", () => {
  it.each(["", "{", "null", "7", '"text"', "[{}]"])("is refused when it is %j", (text) => {
    expect(() => read(text)).toThrow(MalformedRequestError);
  });

  it("is refused when it is not UTF-8", () => {
    expect(() => read(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow("is no JSON");
  });

  it("becomes facts of Claude Code, whatever product it claims", () => {
    const body = {
      hook_event_name: "SubagentStart",
      session_id: "s",
      agent_id: "a",
      agent_type: "expert",
      product: "codex",
    };
    const { facts } = read(JSON.stringify(body));
    expect(facts).toContainEqual(expect.objectContaining({ kind: "task", product: "claude-code", agent: "expert" }));
  });
});
