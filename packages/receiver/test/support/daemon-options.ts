/** A daemon as tests start it: on a free port of loopback, with a storage folder that is its home as well. */
import type { DaemonOptions } from "../../src/serve.ts";

export function daemonOptions(storage: string): DaemonOptions {
  return {
    storage,
    environment: { HOME: storage },
    homeFolder: storage,
    timeZone: "UTC",
    host: "127.0.0.1",
    port: 0,
    hosts: [],
    requiresToken: false,
  };
}
