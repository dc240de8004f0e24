/** Sends requests as fast as they are acknowledged, over connections that stay open. */
import { once } from "node:events";
import { connect } from "node:net";

/** Bodies of one length, each of them a new one. */
export interface Bodies {
  readonly template: Uint8Array;
  /** Makes the next body of bytes that began as the template. */
  renew(body: Buffer): void;
}

/** What to send. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly requests: number;
  readonly bodies: Bodies;
  /** Told the milliseconds that each request took. */
  readonly onAnswer?: ((millis: number) => void) | undefined;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const OK = Buffer.from("HTTP/1.1 200");
const MAX_ANSWER_BYTES = 16_384;

/**
 * Sends all requests, one at a time on each connection; resolves with the milliseconds it took.
 *
 * @throws Error when an answer is not 200, or says that something was refused.
 */
export async function sendLoad({ port, path, connections, requests, bodies, onAnswer }: Load): Promise<number> {
  const { template } = bodies;
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${template.length}\r\n\r\n`;
  let left = requests;

  /** What costs the sender time is not left for the receiver: the same bytes are changed and sent again. */
  const startSender = async (): Promise<{ run(): Promise<void>; close(): void }> => {
    const request = Buffer.concat([Buffer.from(head), template]);
    const body = request.subarray(head.length);
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    let sentAt = 0;
    const send = (): void => {
      if (left === 0) {
        resolve();
        return;
      }
      left -= 1;
      bodies.renew(body);
      sentAt = performance.now();
      socket.write(request);
    };
    const hear = (length: number, bytes: Uint8Array): boolean => {
      const answer = Buffer.from(bytes.buffer, bytes.byteOffset, length);
      // A success that refuses nothing has no body, so it ends with its head.
      if (answer.subarray(0, OK.length).equals(OK) && answer.subarray(-4).equals(END_OF_HEAD)) {
        onAnswer?.(performance.now() - sentAt);
        send();
      } else reject(new Error(`The receiver said: ${answer.toString("latin1")}`));
      return true;
    };
    const onread = { buffer: Buffer.alloc(MAX_ANSWER_BYTES), callback: hear };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    await once(socket, "connect");
    socket.on("error", reject);
    const run = async (): Promise<void> => {
      send();
      await done;
    };
    return { run, close: () => socket.destroy() };
  };

  const senders = await Promise.all(Array.from({ length: connections }, startSender));
  const startedAt = performance.now();
  await Promise.all(senders.map(({ run }) => run()));
  const millis = performance.now() - startedAt;
  for (const { close } of senders) close();
  return millis;
}
