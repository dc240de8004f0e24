/** A daemon in a process of its own: node daemon-child.ts STORAGE. Prints where it listens. */
import { startDaemon } from "../../src/serve.ts";

const [storage = ""] = process.argv.slice(2);
const daemon = await startDaemon({
  storage,
  environment: { HOME: storage },
  homeFolder: storage,
  timeZone: "UTC",
  host: "127.0.0.1",
  port: 0,
  hosts: [],
  requiresToken: false,
});
process.stdout.write(`${daemon.url}\n`);
