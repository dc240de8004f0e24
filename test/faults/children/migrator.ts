/** Opens an old file, which brings it up to date. Prints `go` before, and `done` after. */
import { writeSync } from "node:fs";
import { openStore } from "@moai-metrics/store";

const { path } = JSON.parse(process.argv[2] ?? "{}") as { readonly path: string };
writeSync(1, "go\n");
openStore({ path, busyTimeoutMillis: 5_000 }).close();
writeSync(1, "done\n");
