import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

describe("serve", () => {
  it.each([
    [["--port", "many"], 2, '--port is "many"; give a number from 0 to 65535.'],
    [["--port", "70000"], 2, '--port is "70000"; give a number from 0 to 65535.'],
    [["--forward", "otlp.example.com"], 2, '--forward is "otlp.example.com"; give an address such as https://'],
    [["--forward", "ftp://otlp.example.com"], 2, "give an address such as https://"],
    [["--host", "0.0.0.0", "--port", "0"], 1, "requireToken"],
    [["--host", "192.0.2.1", "--port", "0"], 1, "192.0.2.1"],
  ])("says what is wrong with %j", async (flags, exitCode, message) => {
    const result = await runHere(temporaryHome(), ["serve", ...flags]);
    expect(result.stderr).toContain(message);
    expect(result).toMatchObject({ exitCode, stdout: "" });
  });

  it("says which port is in use, and what to type", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { stderr, exitCode } = await runHere(temporaryHome(), ["serve", "--port", String(port)]);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
    expect(stderr).toContain("--port 4319");
    expect(exitCode).toBe(1);
  });
});
