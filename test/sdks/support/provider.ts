/** A provider on loopback that answers by script, in the provider's own wire format. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the provider does with one request. */
export type Answer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      /** Events of a stream: `data` lines, with the event's name where the format has one. */
      readonly events: readonly { readonly event?: string; readonly data: unknown }[];
      /** After the events: end properly, cut the connection, or say nothing more. */
      readonly last?: "end" | "cut" | "hang";
    }
  | { readonly hangs: true };

/** One request that came. */
export interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

export interface Provider {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** Starts it. `answer` is asked for every request, in the order in which they come, and may take its time. */
export async function startProvider(
  answer: (asked: Asked, index: number) => Answer | Promise<Answer>,
): Promise<Provider> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const next = { path: request.url ?? "", body: text === "" ? {} : JSON.parse(text) };
    asked.push(next);
    write(response, await answer(next, asked.length - 1));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function write(response: ServerResponse, answer: Answer): void {
  if ("hangs" in answer) return;
  if ("json" in answer) {
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify(answer.json));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const { event, data } of answer.events) {
    const line = typeof data === "string" ? data : JSON.stringify(data);
    response.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${line}\n\n`);
  }
  if (answer.last === "cut") setTimeout(() => response.destroy(), 20);
  else if (answer.last !== "hang") response.end();
}
