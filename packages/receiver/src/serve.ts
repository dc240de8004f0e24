/** What `moai-metrics serve` needs. Apart from the rest, because decoding OTLP takes time to load. */
export { type Daemon, type DaemonOptions, DaemonRunsError, startDaemon } from "./daemon/daemon.ts";
