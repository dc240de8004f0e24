/** Connections that can be cut. */
import type { Agent } from "node:http";

/** Agents for an exporter of OpenTelemetry. */
export interface ClosableAgents {
  /** The agent for a protocol, `http:` or `https:`. */
  readonly agentFor: (protocol: string) => Promise<Agent>;
  /** Cuts every connection, also one on which something is under way; the next request opens another one. */
  readonly closeAll: () => void;
}

/** Connects to nothing yet. */
export function createClosableAgents(): ClosableAgents {
  const agents = new Map<string, Agent>();
  return {
    agentFor: async (protocol) => {
      const known = agents.get(protocol);
      if (known !== undefined) return known;
      const { Agent: NewAgent } = protocol === "https:" ? await import("node:https") : await import("node:http");
      const made = new NewAgent({ keepAlive: true });
      agents.set(protocol, made);
      return made;
    },
    closeAll: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
