/** What a scripted model says, and what it claims to have used. */
import type { IncomingHttpHeaders } from "node:http";

/** One reply of the model. */
export type Step = Reply | Refusal | Silence;

/** Nothing is answered but an error. */
interface Refusal {
  /** An HTTP status that agents do not try again after. */
  readonly refusedWith: number;
}

/** The answer never comes. */
interface Silence {
  readonly hangs: true;
}

/** What a reply holds. */
export type Reply =
  | {
      readonly text: string;
      /** What the model thinks before; only in Anthropic's dialect. */
      readonly thinking?: string;
    }
  | {
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** Whether the tool fails with this input. */
      readonly fails?: boolean;
    };

/** Tokens of one reply in disjoint parts, as the ledger counts them; `reasoning` lies inside `output`. */
export interface ScriptedUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly reasoning: number;
}

/** A reply that was given. */
export interface ServedCall {
  readonly model: string;
  /** Who asked: an agent of the script, or `auxiliary` for what an agent asks beside its work. */
  readonly role: string;
  /** What the reply said was used; 0 for parts that its API has no words for. */
  readonly usage: ScriptedUsage;
  /** The tool that was called, and how that ends. */
  readonly tool: { readonly name: string; readonly fails: boolean } | undefined;
}

/** What an agent asked, as far as the script depends on it. */
export interface Asked {
  readonly model: string;
  readonly role: string;
  /** Replies that the conversation holds already. */
  readonly turn: number;
}

/** What goes over the wire. */
export interface WireReply {
  readonly contentType: "text/event-stream" | "application/json";
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

/** One vendor's way to ask and to answer. */
export interface Dialect {
  /** Reads a request; undefined for one that is not about a reply of the model. */
  read(path: string, headers: IncomingHttpHeaders, body: unknown): Asked | undefined;
  /** The part of a usage that replies can tell. */
  told(usage: ScriptedUsage): ScriptedUsage;
  /** Answers what is not about a reply: lists of models and the like. */
  answerOther(path: string, body: unknown): WireReply | undefined;
  /** @param number of the reply, from 1: makes ids that are different from each other. */
  write(path: string, asked: Asked, reply: Reply, usage: ScriptedUsage, number: number): WireReply;
  /** The body of an error. */
  refuse(status: number): object;
}

/** Lines of an event stream. */
export function eventStream(events: readonly { readonly event?: string; readonly data: unknown }[]): string {
  return events
    .map(({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`)
    .join("");
}
