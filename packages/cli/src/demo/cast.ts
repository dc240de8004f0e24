/** Who acts in the simulation, and how well. */

/** A simulated agent. */
export interface SimulatedAgent {
  readonly name: string;
  /** How often it is called, relative to the others. */
  readonly weight: number;
  readonly model: string;
  readonly successRate: number;
  /** Model calls of one task, at least and at most. */
  readonly calls: readonly [number, number];
  /** Seconds of one model call, at least and at most. */
  readonly callSeconds: readonly [number, number];
  /** How likely a step changes a file rather than only looks. */
  readonly editShare: number;
}

/** The agent that talks to the user. */
export const MAIN = {
  name: "main",
  weight: 1,
  model: "claude-opus-4-5",
  successRate: 0.97,
  calls: [2, 4],
  callSeconds: [4, 14],
  editShare: 0.05,
} as const satisfies SimulatedAgent;

/** The agents that the main agent delegates to. */
export const SUBAGENTS = [
  {
    name: "expert-backend",
    weight: 45,
    model: "claude-sonnet-4-5",
    successRate: 0.89,
    calls: [5, 11],
    callSeconds: [4, 16],
    editShare: 0.45,
  },
  {
    name: "manager-tdd",
    weight: 32,
    model: "claude-sonnet-4-5",
    successRate: 1,
    calls: [6, 14],
    callSeconds: [5, 18],
    editShare: 0.4,
  },
  {
    name: "expert-frontend",
    weight: 28,
    model: "claude-sonnet-4-5",
    successRate: 0.85,
    calls: [5, 12],
    callSeconds: [4, 15],
    editShare: 0.5,
  },
  {
    name: "expert-debug",
    weight: 18,
    model: "claude-haiku-4-5",
    successRate: 0.94,
    calls: [4, 16],
    callSeconds: [2, 7],
    editShare: 0.2,
  },
] as const satisfies readonly SimulatedAgent[];

/** What they work on. */
export const PROJECTS = [
  { path: "/home/dev/shop", branch: "main", weight: 5 },
  { path: "/home/dev/billing-api", branch: "feature/invoices", weight: 3 },
  { path: "/home/dev/docs", branch: "main", weight: 1 },
] as const;

/** Tools that change files. */
export const EDIT_TOOLS = [
  { name: "Edit", weight: 7 },
  { name: "Write", weight: 3 },
] as const;

/** Tools that look or run something. */
export const OTHER_TOOLS = [
  { name: "Bash", weight: 6 },
  { name: "Read", weight: 6 },
  { name: "Grep", weight: 3 },
  { name: "WebFetch", weight: 1 },
] as const;
