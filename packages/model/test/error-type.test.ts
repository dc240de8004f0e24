import { describe, expect, it } from "vitest";
import { cleanErrorType, isErrorType, OTHER_ERROR } from "../src/index.ts";

describe("error types", () => {
  it.each([
    "TimeoutError",
    "java.net.UnknownHostException",
    "java.io.IOException",
    "InvalidClientTokenIdException",
    "ECONNREFUSED",
    "UND_ERR_CONNECT_TIMEOUT",
    "ERR_HTTP2_STREAM_ERROR",
    "ORA-00942",
    "P2002",
    "rate_limit_exceeded",
    "context_length_exceeded",
    OTHER_ERROR,
  ])("keeps the class or code %s", (given) => {
    expect(isErrorType(given)).toBe(true);
    expect(cleanErrorType(given)).toBe(given);
  });

  it.each([
    "wrong key",
    "sk-ant-api03-Zk3hV9qLx0TnB7cWmP2dRyEaUf",
    "ghp_a8BcD0eFgH1iJkL2mNoP3qRsT4uVwX5yZ",
    "xoxb-123456789012-AbCdEfGhIjKl",
    "qWeRtYuIoPaSdFgHjKl",
    "AKIAQWERTYUIOPA7SDFG",
    "npm_abcdefghijklmnopq1rstuv",
    "DE12345678901234567890",
    "",
    42,
  ])("keeps no message and no key: %s", (given) => {
    expect(isErrorType(given)).toBe(false);
    expect(cleanErrorType(given)).toBe(OTHER_ERROR);
  });
});
