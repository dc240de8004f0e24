/** A process that brings a file up to date and kills itself at the n-th statement; prints how many there were if not. */
import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import { applyMigrations } from "../../src/migrations/migrate.ts";

const [path = "", killAt = "0"] = process.argv.slice(2);
let statements = 0;
const database = new Database(path, {
  timeout: 20_000,
  verbose: () => {
    statements += 1;
    if (statements === Number(killAt)) process.kill(process.pid, "SIGKILL");
  },
});
database.pragma("synchronous = FULL");
applyMigrations(database, { onProgress: ({ phase, toVersion }) => writeSync(1, `${phase} ${toVersion}\n`) });
database.close();
writeSync(1, `statements ${statements}\n`);
