import { describe, expect, it } from "vitest";
import { negotiateExposition } from "../../src/http/negotiate.ts";

/** What Prometheus 2.42 and 3 send. */
const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

describe("a scraper gets", () => {
  it.each([
    [PROMETHEUS_2, "openmetrics"],
    [PROMETHEUS_3, "openmetrics"],
    ["application/openmetrics-text", "openmetrics"],
    ['application/openmetrics-text; version="1.0.0"', "openmetrics"],
    ["text/plain;q=0.4, application/openmetrics-text;q=0.5", "openmetrics"],
    ["text/plain;q=0.6, application/openmetrics-text;q=0.5", "text"],
    ["application/openmetrics-text;q=0.5, */*", "text"],
    ["application/openmetrics-text;version=2.0.0", "text"],
    ["application/openmetrics-text;q=0, text/plain;q=0.1", "text"],
    ["application/openmetrics-text;q=7", "text"],
    ["text/plain;version=0.0.4", "text"],
    ["application/json", "text"],
    ["*/*", "text"],
    ["", "text"],
    [";;=,,q=", "text"],
  ])("what it likes best: %s", (accept, format) => {
    expect(negotiateExposition({ accept }).format).toBe(format);
  });

  it("text when it says nothing", () => {
    expect(negotiateExposition({})).toEqual({ format: "text", isCompressed: false });
  });

  it.each([
    ["gzip", true],
    ["deflate, GZIP;q=0.5", true],
    ["gzip;q=0", false],
    ["br", false],
    ["", false],
  ])("gzip only when it asks for it: %s", (encoding, isCompressed) => {
    expect(negotiateExposition({ "accept-encoding": encoding }).isCompressed).toBe(isCompressed);
  });
});
