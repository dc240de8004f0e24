import { describe, expect, it } from "vitest";
import { messageOf } from "../src/message-of.ts";

describe("what was thrown", () => {
  it("speaks by its message, or for itself", () => {
    expect(messageOf(new RangeError("too far"))).toBe("too far");
    expect(messageOf("a text")).toBe("a text");
    expect(messageOf(undefined)).toBe("undefined");
  });
});
