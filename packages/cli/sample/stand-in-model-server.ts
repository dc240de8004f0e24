/** A model server for the sample: it speaks the Anthropic messages API on the loopback interface, and thinks of nothing. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A running stand-in. */
export interface StandInModelServer {
  /** Address to send messages to. */
  readonly url: string;
  close(): Promise<void>;
}

interface MessageRequest {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
}

const REPLY_MILLIS = 15;

/** Starts a stand-in on a free port. The same request always gets the same answer and the same token counts. */
export async function startStandInModelServer(): Promise<StandInModelServer> {
  let answered = 0;
  const server = createServer((request, response) => {
    void readRequest(request).then((asked) => {
      answered += 1;
      setTimeout(() => answer(response, asked, answered), REPLY_MILLIS);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/messages`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, asked: MessageRequest, number: number): void {
  const prompt = asked.messages.map((message) => message.content).join(" ");
  if (prompt.includes("impossible")) {
    send(response, 529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    return;
  }
  const cached = number > 1 ? 4096 : 0;
  send(response, 200, {
    id: `msg_sample_${String(number).padStart(4, "0")}`,
    type: "message",
    role: "assistant",
    model: asked.model,
    content: [{ type: "text", text: `Answer ${number}` }],
    stop_reason: "end_turn",
    usage: {
      input_tokens: 300 + prompt.length * 7,
      cache_read_input_tokens: cached,
      cache_creation_input_tokens: number === 1 ? 4096 : 0,
      output_tokens: 150 + prompt.length * 3,
    },
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readRequest(request: IncomingMessage): Promise<MessageRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as MessageRequest;
}
