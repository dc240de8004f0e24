/** Runs many command lines in one process, as each would run in its own. argv: command lines as JSON, one each. */
import { main } from "../../packages/cli/src/main.ts";

for (const line of process.argv.slice(2)) {
  // So that what is found in the output can be put down to a command.
  const name = JSON.parse(line).join(" ");
  process.stdout.write(`\0${name}\0`);
  process.stderr.write(`\0${name}\0`);
  process.stdout.write(`\0${await main(JSON.parse(line))}`);
}
