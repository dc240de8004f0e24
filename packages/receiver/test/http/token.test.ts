import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isLoopback } from "../../src/http/guard.ts";
import { readOrMakeToken, tokenPath } from "../../src/http/token.ts";
import { temporaryFolder } from "../support/receiver.ts";

describe("the token", () => {
  it("is made once, for the user alone, in a folder that need not exist", () => {
    const storage = join(temporaryFolder(), "deep", "storage");
    const token = readOrMakeToken(storage);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(readOrMakeToken(storage)).toBe(token);
    expect(readFileSync(tokenPath(storage), "utf8")).toBe(`${token}\n`);
    expect(statSync(tokenPath(storage)).mode & 0o777).toBe(0o600);
  });

  it("is refused when others can read it, or it is none", () => {
    const storage = temporaryFolder();
    readOrMakeToken(storage);
    chmodSync(tokenPath(storage), 0o644);
    expect(() => readOrMakeToken(storage)).toThrow(/chmod 600/);
    chmodSync(tokenPath(storage), 0o600);
    writeFileSync(tokenPath(storage), "short\n");
    expect(() => readOrMakeToken(storage)).toThrow(/holds no token/);
  });
});

describe("an address", () => {
  it("is of this machine alone when it is loopback", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "localhost"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "::", "128.0.0.1", "127.evil.example", "", "192.168.0.1"].some(isLoopback)).toBe(false);
  });
});
