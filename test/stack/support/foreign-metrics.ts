/** Metrics of others, as their senders send them: of two sessions that only ids tell apart, and with what must not pass. */

const DELTA = 1;
const CUMULATIVE = 2;
const MILLION = 1_000_000n;

/** Two sessions add 116 by deltas that overlap in time, and reach 39 by totals of their own. */
export async function sendForeignMetrics(url: string): Promise<void> {
  const now = BigInt(Date.now()) * MILLION;
  const send = (session: string, name: string, kind: number, from: number, to: number, value: number) =>
    post(url, session, {
      name,
      sum: {
        aggregationTemporality: kind,
        isMonotonic: true,
        dataPoints: [
          {
            startTimeUnixNano: String(now + BigInt(from) * MILLION),
            timeUnixNano: String(now + BigInt(to) * MILLION),
            asDouble: value,
            attributes: attributes({
              "session.id": session,
              "user.email": "secret@example.com",
              prompt: "secret words",
              type: "input",
            }),
          },
        ],
      },
    });
  for (const [session, from, to, value] of [
    ["a", 0, 1000, 10],
    ["b", -500, 500, 5],
    ["a", 1000, 2000, 1],
    ["b", 500, 1000, 100],
  ] as const) {
    await send(session, "claude_code.token.usage", DELTA, from, to, value);
  }
  for (const [session, to, value] of [
    ["p", 10, 7],
    ["q", 10, 3],
    ["p", 20, 9],
    ["q", 20, 30],
    ["p", 30, 9],
  ] as const) {
    await send(session, "gemini_cli.token.usage", CUMULATIVE, 5, to, value);
  }
  // An instrumented program sends the catalogue's own metrics beside its spans.
  for (const name of ["moai.task.count", "gen_ai.client.inference.usage.input_tokens", "gen_ai.client.token.usage"]) {
    await send("c", name, CUMULATIVE, 0, 1000, 1_000_000);
  }
}

async function post(url: string, session: string, metric: object): Promise<void> {
  const resource = { "service.name": "claude-code", "session.id": `r-${session}`, team: "platform" };
  const answer = await fetch(`${url}/v1/metrics`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: attributes(resource) },
          scopeMetrics: [{ scope: { name: "test" }, metrics: [metric] }],
        },
      ],
    }),
  });
  if (!answer.ok) throw new Error(`The Collector answered ${answer.status}: ${await answer.text()}`);
}

function attributes(of: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(of).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
