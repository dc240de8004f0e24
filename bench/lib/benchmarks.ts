/** Every benchmark and what it measures, in the order in which they run and stand in the document. */
export const BENCHMARKS = {
  "ledger-writes": "facts into the ledger, rollups included",
  queries: "questions to a store of a million tasks, in a warm process",
  series: "data points of any metric: writing, compressing, reading",
  exports: "everything that is stored, for other programs, as whole processes of the command",
  import: "transcripts, as whole processes of the command",
  reports: "reports of a year, as whole processes of the command",
  dashboard: "the live dashboard on a terminal, as a whole process of the command",
  statusline: "what an agent waits for, as whole processes of the command",
  hooks: "what an agent waits for when it calls a hook: processes and a request",
  instrumentation: "recording in an application",
  "agent-overhead": "what being measured costs an agent, with and without it in turns",
  registration: "start-up of a program that is measured, as whole processes of the published packages",
  endings: "what a signal waits for: a measured program that writes what it recorded before it dies",
  exporter: "data points of the OpenTelemetry SDK into a file",
  exposition: "a scrape of the daemon, as its thread works it off",
  forward: "senders beside a push to a backend that does not end its reply, in turns with a daemon that pushes nothing",
  receiver: "OTLP over HTTP, acknowledged after commit, with the sender on the same machine",
} as const;
export type BenchmarkName = keyof typeof BENCHMARKS;
