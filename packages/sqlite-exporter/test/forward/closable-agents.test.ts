import { Agent as SecureAgent } from "node:https";
import { describe, expect, it } from "vitest";
import { createClosableAgents } from "../../src/forward/closable-agents.ts";

describe("agents whose connections can be cut", () => {
  it("are one for each protocol, and go on after a cut", async () => {
    const agents = createClosableAgents();
    const [plain, secure] = [await agents.agentFor("http:"), await agents.agentFor("https:")];
    expect(secure).toBeInstanceOf(SecureAgent);
    expect(plain).not.toBeInstanceOf(SecureAgent);
    agents.closeAll();
    expect([await agents.agentFor("http:"), await agents.agentFor("https:")]).toEqual([plain, secure]);
  });
});
