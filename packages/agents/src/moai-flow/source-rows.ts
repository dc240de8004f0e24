/** What MoAI-Flow's phase 6A file `.swarm/metrics.db` holds: its tables, and the columns that are read. */

/** A value of a column; SQLite does not hold programs to the declared type. */
export type SourceValue = string | number | bigint | Uint8Array | null;

/** A row by column. */
export type SourceRow = Readonly<Record<string, SourceValue>>;

/** The tables that are read, with the columns they must have. `metadata` is never read: nobody knows what is in it. */
export const MOAI_FLOW_TABLES = {
  tasks: {
    name: "task_metrics",
    columns: ["task_id", "agent_id", "duration_ms", "result", "tokens_used", "files_changed", "timestamp"],
  },
  agents: { name: "agent_metrics", columns: ["metric_id", "agent_id", "metric_type", "value", "timestamp"] },
  swarms: { name: "swarm_metrics", columns: ["metric_id", "swarm_id", "metric_type", "value", "timestamp"] },
} as const;

/** The product as facts name it. */
export const MOAI_FLOW_PRODUCT = "moai-flow";
