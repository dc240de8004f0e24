/** A daemon in a process of its own: node daemon-child.ts STORAGE. Prints where it listens. */
import { startDaemon } from "../../src/serve.ts";
import { daemonOptions } from "./daemon-options.ts";

const [storage = ""] = process.argv.slice(2);
const daemon = await startDaemon(daemonOptions(storage));
process.stdout.write(`${daemon.url}\n`);
