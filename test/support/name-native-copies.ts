/**
 * Set-up of every test file. What the product loads with `require()` when it is first wanted comes from Node itself: a
 * second copy of a source file in the test's process, compiled otherwise than the runner's. V8 counts what is covered
 * by script name, so that the counts of both would be mixed up; here the copy gets a name of its own.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const SOURCE = /\/packages\/[^/]+\/src\/.+\.ts$/;

registerHooks({
  load(url, context, nextLoad) {
    if (!SOURCE.test(url)) return nextLoad(url, context);
    // Node would give the script its file's name behind ours if it were to strip the types.
    const text = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", shortCircuit: true, source: `${text}\n//# sourceURL=loaded-by-node:${url}` };
  },
});
