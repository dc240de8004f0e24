import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import type { IngestOutcome } from "../../src/ingest/jobs.ts";
import { gaugeRequest, JSON_TYPE, PROTOBUF, send, sendRaw, startReceiver } from "../support/receiver.ts";

const recording = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));
const METRICS = recording("claude-code-metrics.pb");
const GAUGE = gaugeRequest("m", [{ value: 1.5, nanos: 1_790_000_000_000_000_000 }]);
const HOUR_NANOS = 1_790_000_000_000_000_000;

const statusOf = (body: Buffer): { code: number; message: string } => {
  const reader = new BinaryReader(body);
  reader.tag();
  const code = reader.int32();
  reader.tag();
  return { code, message: reader.string() };
};

describe("a receiver's answers", () => {
  it("acknowledges what is in the file, in the encoding of the request", async () => {
    const { post, read } = await startReceiver();
    const binary = await post("/v1/metrics", { headers: PROTOBUF, body: METRICS });
    expect(binary).toMatchObject({ status: 200, headers: { "content-type": "application/x-protobuf" } });
    expect(binary.body).toHaveLength(0);
    expect(read((store) => store.points("claude_code.token.usage"))).not.toEqual([]);
    const text = await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE });
    expect(text).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(text.body.toString()).toBe("{}");
    expect(read((store) => store.points("m")[0]?.points[0]?.value)).toEqual({ kind: "number", value: 1.5 });
  });

  it("takes logs and traces, an empty request, and a content type with parameters", async () => {
    const { post } = await startReceiver();
    expect((await post("/v1/logs", { headers: PROTOBUF, body: recording("codex-logs.pb") })).status).toBe(200);
    expect((await post("/v1/traces", { headers: PROTOBUF, body: recording("codex-traces.pb") })).status).toBe(200);
    expect((await post("/v1/traces", { headers: PROTOBUF })).status).toBe(200);
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    expect((await post("/v1/traces?x=1", { headers, body: "{}" })).status).toBe(200);
  });

  it("takes gzip and chunked bodies, alone and together", async () => {
    const { post, read } = await startReceiver();
    const bodies = [1, 2, 3].map((value) => gaugeRequest("m", [{ value, nanos: HOUR_NANOS + value * 1e6 }]));
    const gzip = { ...JSON_TYPE, "Content-Encoding": "gzip" };
    expect((await post("/v1/metrics", { headers: gzip, body: gzipSync(bodies[0]!) })).status).toBe(200);
    expect((await post("/v1/metrics", { headers: JSON_TYPE, body: bodies[1]!, isChunked: true })).status).toBe(200);
    expect((await post("/v1/metrics", { headers: gzip, body: gzipSync(bodies[2]!), isChunked: true })).status).toBe(
      200,
    );
    expect(read((store) => store.points("m").flatMap(({ points }) => points))).toHaveLength(3);
  });

  it("tells in a partial success what was refused and why, and keeps the rest", async () => {
    const { post, read } = await startReceiver();
    const points = [
      { value: 1, nanos: HOUR_NANOS },
      { value: "NaN", nanos: HOUR_NANOS + 1e6 },
    ];
    const { status, body } = await post("/v1/metrics", { headers: JSON_TYPE, body: gaugeRequest("m", points) });
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toEqual({
      partialSuccess: { rejectedDataPoints: "1", errorMessage: "1 × not a number" },
    });
    expect(read((store) => store.points("m").flatMap((series) => series.points))).toHaveLength(1);
  });

  it("tells each sender of requests that came together what was refused of its own", async () => {
    const { post, read } = await startReceiver();
    const values = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? "NaN" : i));
    const replies = await Promise.all(
      values.map((value, i) =>
        post("/v1/metrics", { headers: JSON_TYPE, body: gaugeRequest("m", [{ value, nanos: HOUR_NANOS + i * 1e6 }]) }),
      ),
    );
    for (const [i, { body }] of replies.entries()) {
      const rejected = JSON.parse(body.toString()).partialSuccess?.rejectedDataPoints;
      expect(rejected).toBe(i % 4 === 0 ? "1" : undefined);
    }
    expect(read((store) => store.points("m").flatMap((series) => series.points))).toHaveLength(30);
  });

  it("says who it is and how it is", async () => {
    const { post } = await startReceiver();
    const health = await post("/healthz", { method: "GET" });
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body.toString())).toEqual({ status: "ok", pid: process.pid });
    await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE });
    await post("/v1/metrics", { headers: JSON_TYPE, body: "{" });
    const { headers, body } = await post("/metrics", { method: "GET" });
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = body.toString();
    expect(text).toContain('moai_receiver_requests_total{path="/v1/metrics",status="200"} 1\n');
    expect(text).toContain('moai_receiver_requests_total{path="/v1/metrics",status="400"} 1\n');
    expect(text).toContain('moai_receiver_items_stored_total{signal="metrics"} 1\n');
    expect(text).toContain("moai_receiver_request_duration_seconds_count 1\n");
    expect(text).toContain("moai_receiver_queue_requests 0\n");
    expect((await post("/metrics", { method: "HEAD" })).body).toHaveLength(0);
  });

  it("tells what it has received and how busy it is to whoever may ask", async () => {
    const { post } = await startReceiver();
    await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE });
    const { status, body } = await post("/status", { method: "GET" });
    expect(status).toBe(200);
    const told = JSON.parse(body.toString());
    expect(told).toMatchObject({ status: "ok", pid: process.pid, itemsReceived: 1, waitingRequests: 0 });
    expect(told.residentBytes).toBeGreaterThan(1_000_000);
    expect(told.eventLoop.activeMillis).toBeGreaterThan(0);
    expect((await post("/status", { method: "POST" })).status).toBe(405);
    expect((await post("/status", { method: "GET", headers: { host: "evil.example" } })).status).toBe(403);
  });
});

describe("bad input", () => {
  const cases: readonly (readonly [
    what: string,
    path: string,
    headers: Record<string, string>,
    body: Buffer | string,
    status: number,
  ])[] = [
    ["cut off protobuf", "/v1/metrics", PROTOBUF, METRICS.subarray(0, METRICS.length - 3), 400],
    ["JSON that says it is protobuf", "/v1/metrics", PROTOBUF, GAUGE, 400],
    ["protobuf that says it is JSON", "/v1/metrics", JSON_TYPE, METRICS, 400],
    ["JSON of the wrong types", "/v1/traces", JSON_TYPE, '{"resourceSpans":[{"scopeSpans":7}]}', 400],
    ["JSON nested 100,000 deep", "/v1/logs", JSON_TYPE, `${"[".repeat(100_000)}${"]".repeat(100_000)}`, 400],
    ["nothing that says it is gzip", "/v1/metrics", { ...PROTOBUF, "Content-Encoding": "gzip" }, "plain", 400],
    [
      "cut off gzip",
      "/v1/metrics",
      { ...PROTOBUF, "Content-Encoding": "gzip" },
      gzipSync(METRICS).subarray(0, 100),
      400,
    ],
    ["more objects than allowed", "/v1/metrics", JSON_TYPE, `{"resourceMetrics":[${"{},".repeat(100_001)}{}]}`, 413],
    ["no content type", "/v1/metrics", {}, METRICS, 415],
    ["text", "/v1/metrics", { "Content-Type": "text/plain" }, GAUGE, 415],
    ["a form", "/v1/metrics", { "Content-Type": "application/x-www-form-urlencoded" }, "a=1", 415],
    ["another compression", "/v1/metrics", { ...PROTOBUF, "Content-Encoding": "zstd" }, METRICS, 415],
    ["two compressions", "/v1/metrics", { ...PROTOBUF, "Content-Encoding": "gzip, gzip" }, METRICS, 415],
    ["another path", "/v1/profiles", PROTOBUF, METRICS, 404],
    ["an encoded path", "/v1%2Fmetrics", PROTOBUF, METRICS, 404],
    ["a path out of the tree", "/v1/../v1/metrics", PROTOBUF, METRICS, 404],
    ["a path with a slash too many", "/v1/metrics/", PROTOBUF, METRICS, 404],
  ];

  it("is answered with the status that fits and a reason, whatever it is", async () => {
    const { post } = await startReceiver();
    for (const [what, path, headers, body, status] of cases) {
      const reply = await post(path, { headers, body });
      expect([what, reply.status]).toEqual([what, status]);
      const { code, message } =
        reply.headers["content-type"] === "application/json" ? JSON.parse(reply.body.toString()) : statusOf(reply.body);
      expect(code).toBeGreaterThan(0);
      expect(message).not.toBe("");
    }
    expect((await post("/healthz", { method: "GET" })).status).toBe(200);
  });

  it("is answered with the methods that a path has", async () => {
    const { post } = await startReceiver();
    const wrong = await post("/v1/metrics", { method: "GET" });
    expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "POST"]);
    expect((await post("/v1/metrics", { method: "PUT", headers: PROTOBUF, body: METRICS })).status).toBe(405);
    expect((await post("/metrics", { headers: JSON_TYPE, body: "{}" })).headers["allow"]).toBe("GET, HEAD");
  });

  it("is refused when it is larger than allowed, whether announced or not", async () => {
    const { post } = await startReceiver({ limits: { maxBodyBytes: 10_000, maxDecodedBytes: 20_000 } });
    const large = Buffer.alloc(50_000);
    expect((await post("/v1/metrics", { headers: PROTOBUF, body: large })).status).toBe(413);
    expect((await post("/v1/metrics", { headers: PROTOBUF, body: large, isChunked: true })).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    expect(
      (await post("/v1/metrics", { headers: { ...PROTOBUF, "Content-Encoding": "gzip" }, body: bomb })).status,
    ).toBe(413);
    expect(statusOf((await post("/v1/metrics", { headers: PROTOBUF, body: large })).body).code).toBe(8);
  });

  it("of any bytes does not end it", async () => {
    const { port, post } = await startReceiver({ limits: { requestTimeoutMillis: 1000, headersTimeoutMillis: 1000 } });
    const start = `POST /v1/metrics HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
    const heard = await Promise.all(
      [
        "GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET //// HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
        `${start}Content-Length: -5\r\n\r\n`,
        `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `${start}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
        `${start}Content-Length: 1000\r\n\r\n{}`,
        `${start}Content-Length: 2\r\nConnection: close\r\n\r\n{}trailing`,
        Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]),
      ].map((bytes) => sendRaw(port, bytes, 4000)),
    );
    const statuses = heard.map((text) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0));
    // A sender that promises more than it sends is told so when its time is over.
    expect(statuses).toEqual([404, 404, 400, 400, 400, 431, 400, 400, 400, 408, 400, 400]);
    expect((await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE })).status).toBe(200);
  });
});

describe("who may send", () => {
  it("is decided by the name that was called", async () => {
    const { post, port } = await startReceiver({ hosts: ["metrics.lan"] });
    const withHost = async (Host: string): Promise<number> =>
      (await post("/v1/metrics", { headers: { ...JSON_TYPE, Host }, body: "{}" })).status;
    for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]:4318", "LOCALHOST:80", "metrics.lan:4318"]) {
      expect([host, await withHost(host)]).toEqual([host, 200]);
    }
    for (const host of ["evil.example", "localhost.evil.example:4318", "127.0.0.1.evil.example", "0.0.0.0:4318"]) {
      expect([host, await withHost(host)]).toEqual([host, 403]);
    }
    expect((await post("/metrics", { method: "GET", headers: { Host: "evil.example" } })).status).toBe(403);
  });

  it("is no page of another origin", async () => {
    const { post, port } = await startReceiver();
    const with_ = async (headers: Record<string, string>): Promise<number> =>
      (await post("/v1/metrics", { headers: { ...JSON_TYPE, ...headers }, body: "{}" })).status;
    expect(await with_({ Origin: "https://evil.example" })).toBe(403);
    expect(await with_({ Origin: "null" })).toBe(403);
    expect(await with_({ Origin: "http://localhost:3000" })).toBe(403);
    expect(await with_({ "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(await with_({ "Sec-Fetch-Site": "same-site" })).toBe(403);
    expect(await with_({ Origin: `http://127.0.0.1:${port}`, "Sec-Fetch-Site": "same-origin" })).toBe(200);
  });

  it("is who has the token, where one is required", async () => {
    const { post } = await startReceiver({ token: "a-secret-of-some-length" });
    const with_ = async (Authorization?: string) =>
      post("/v1/metrics", { headers: { ...JSON_TYPE, ...(Authorization && { Authorization }) }, body: "{}" });
    expect((await with_()).status).toBe(401);
    expect((await with_("Bearer wrong")).headers["www-authenticate"]).toBe("Bearer");
    expect((await with_("a-secret-of-some-length")).status).toBe(401);
    expect((await with_("Bearer a-secret-of-some-length")).status).toBe(200);
    // As Claude Code sends what its variable says.
    expect((await with_("Bearer%20a-secret-of-some-length")).status).toBe(200);
    expect((await with_("Bearer%20wrong")).status).toBe(401);
    expect((await post("/metrics", { method: "GET" })).status).toBe(401);
  });

  it("is no one from elsewhere, without a token and names", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.com"]) {
      await expect(startReceiver({ host })).rejects.toThrow(/receiver\.requireToken and receiver\.hosts/);
    }
    await expect(startReceiver({ host: "0.0.0.0", token: "a-secret-of-some-length" })).rejects.toThrow(TypeError);
    const { post } = await startReceiver({ host: "0.0.0.0", token: "a-secret-of-some-length", hosts: ["metrics.lan"] });
    const headers = { ...JSON_TYPE, Authorization: "Bearer a-secret-of-some-length", Host: "metrics.lan" };
    expect((await post("/v1/metrics", { headers, body: "{}" })).status).toBe(200);
  });
});

describe("a receiver that has too much to do", () => {
  /** Answers only when it is told to. */
  function heldIngest() {
    const waiting: ((outcome: IngestOutcome) => void)[] = [];
    const wrap = (real: Parameters<NonNullable<NonNullable<Parameters<typeof startReceiver>[0]>["ingest"]>>[0]) => ({
      ...real,
      get waiting() {
        return { requests: waiting.length, bytes: 0 };
      },
      take: () => new Promise<IngestOutcome>((resolve) => waiting.push(resolve)),
    });
    const until = async (count: number): Promise<void> => {
      while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const settle = (outcome: IngestOutcome): void => {
      for (const resolve of waiting.splice(0)) resolve(outcome);
    };
    return { wrap, until, settle };
  }
  const DONE: IngestOutcome = { state: "committed", rejected: 0, message: "" };

  it("tells senders to come back, and forgets nothing that it accepted", async () => {
    const held = heldIngest();
    const { post, port } = await startReceiver({
      ingest: held.wrap,
      limits: { maxWaitingRequests: 3 },
      random: () => 0.5,
    });
    const accepted = [1, 2, 3].map(() => post("/v1/logs", { headers: JSON_TYPE, body: "{}" }));
    await held.until(3);
    const refused = await send(port, "/v1/logs", { headers: JSON_TYPE, body: "{}" });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "3"]);
    held.settle(DONE);
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("bounds the memory of all bodies together", async () => {
    const held = heldIngest();
    const { post } = await startReceiver({ ingest: held.wrap, limits: { maxWaitingBytes: 10_000 } });
    const body = Buffer.alloc(6_000, " ");
    const first = post("/v1/logs", { headers: JSON_TYPE, body });
    await held.until(1);
    expect((await post("/v1/logs", { headers: JSON_TYPE, body })).status).toBe(429);
    const gzip = { ...JSON_TYPE, "Content-Encoding": "gzip" };
    expect((await post("/v1/logs", { headers: gzip, body: gzipSync(body) })).status).toBe(429);
    const small = post("/v1/logs", { headers: JSON_TYPE, body: "{}" });
    await held.until(2);
    held.settle(DONE);
    expect((await first).status).toBe(200);
    expect((await small).status).toBe(200);
    const again = post("/v1/logs", { headers: JSON_TYPE, body });
    await held.until(1);
    held.settle(DONE);
    expect((await again).status).toBe(200);
  });

  it("says 503 when the file cannot be written, and that it is not well", async () => {
    const outcome: IngestOutcome = { state: "unavailable", message: "The disk is full." };
    const { post } = await startReceiver({
      ingest: (real) => ({ ...real, isWriting: false, take: () => Promise.resolve(outcome) }),
    });
    const { status, headers, body } = await post("/v1/metrics", { headers: PROTOBUF, body: METRICS });
    expect([status, statusOf(body)]).toEqual([503, { code: 14, message: "The disk is full." }]);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect((await post("/healthz", { method: "GET" })).status).toBe(503);
  });

  it("answers 500 for a mistake of its own, and goes on", async () => {
    let isBroken = true;
    const { post } = await startReceiver({
      ingest: (real) => ({
        ...real,
        take: (request) => (isBroken ? Promise.reject(new Error("bug")) : real.take(request)),
      }),
    });
    const { status, body } = await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE });
    expect([status, body.toString().includes("bug")]).toEqual([500, false]);
    isBroken = false;
    expect((await post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE })).status).toBe(200);
  });
});

describe("stopping", () => {
  it("answers what was accepted and takes nothing new", async () => {
    let release: () => void = () => {};
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    let accepted = 0;
    const { post, stop, read } = await startReceiver({
      ingest: (real) => ({
        ...real,
        take: async (request) => {
          accepted += 1;
          await isHeld;
          return real.take(request);
        },
      }),
    });
    const running = post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE });
    while (accepted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = stop();
    await expect(post("/v1/metrics", { headers: JSON_TYPE, body: GAUGE })).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    release();
    expect((await running).status).toBe(200);
    await stopped;
    expect(read((store) => store.points("m"))).toHaveLength(1);
  });

  it("tells a connection that it kept to go elsewhere", async () => {
    let accepted = 0;
    let release: () => void = () => {};
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    const { port, stop } = await startReceiver({
      ingest: (real) => ({
        ...real,
        take: async (request) => {
          accepted += 1;
          await isHeld;
          return real.take(request);
        },
      }),
    });
    const one = `POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
    const heard = sendRaw(port, one + one, 60_000);
    while (accepted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = stop();
    release();
    const text = await heard;
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    expect(text).toContain("Connection: close");
    await stopped;
  });

  it("waits for no connection that has said nothing yet", async () => {
    const patience = { headersTimeoutMillis: 600_000, requestTimeoutMillis: 600_000, stopTimeoutMillis: 600_000 };
    const { port, stop } = await startReceiver({ limits: patience });
    const heard = sendRaw(port, "", 600_000);
    // Whoever connects later is served later.
    await sendRaw(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await stop();
    expect(await heard).toBe("");
  });

  it("ends connections that take too long", async () => {
    const { port, stop } = await startReceiver({ limits: { stopTimeoutMillis: 50 } });
    const heard = sendRaw(port, "POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n", 10_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stop();
    expect(await heard).toBe("");
  });
});
