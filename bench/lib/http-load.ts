/** Sends requests as fast as they are acknowledged, over connections that stay open. */
import { connect, type Socket } from "node:net";

/** What to send. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly requests: number;
  /** The body of the next request. */
  body(): Uint8Array;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * Sends all requests, one at a time on each connection; resolves with the milliseconds it took.
 *
 * @throws Error when an answer is not 200.
 */
export async function sendLoad({ port, path, connections, requests, body }: Load): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let left = requests;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          const send = (): void => {
            if (left === 0) {
              resolve();
              return;
            }
            left -= 1;
            const bytes = body();
            const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${bytes.length}\r\n\r\n`;
            socket.write(Buffer.concat([Buffer.from(head), bytes]));
          };
          // A success has no body, so an answer ends with its head.
          socket.on("data", (chunk) => {
            if (!chunk.subarray(0, 12).equals(OK)) reject(new Error(`The receiver said: ${chunk.toString("latin1")}`));
            else if (chunk.subarray(-4).equals(END_OF_HEAD)) send();
            else reject(new Error("An answer came in parts."));
          });
          socket.on("error", reject);
          send();
        }),
    ),
  );
  const millis = performance.now() - startedAt;
  for (const socket of sockets) socket.destroy();
  return millis;
}

const OK = Buffer.from("HTTP/1.1 200");

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}
