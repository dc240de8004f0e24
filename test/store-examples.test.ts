/** The examples of the store are in its README word for word, and print what it says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const PACKAGE = fileURLToPath(new URL("../packages/store", import.meta.url));
const README = readFileSync(join(PACKAGE, "README.md"), "utf8");
/** Later ones ask about what the first one wrote. */
const EXAMPLES = ["record", "ask", "points", "maintain", "read-elsewhere"];

const folder = mkdtempSync(join(tmpdir(), "moai-store-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the example", () => {
  it.each(EXAMPLES)("%s is shown as it is, with what it prints", (name) => {
    const path = join(PACKAGE, "examples", `${name}.ts`);
    const argv = [path, join(folder, "metrics.db"), join(folder, "backup.db")];
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const source = readFileSync(path, "utf8").trimEnd();
    expect(README).toContain(`\`\`\`ts\n${source}\n\`\`\`\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\``);
  });
});
