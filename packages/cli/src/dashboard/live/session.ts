/** The state of a live dashboard, what changes it, and what follows from changes. The shell draws it. */

import type { FilterFlags } from "../../flags/declare.ts";
import { parseFilter } from "../filter-text.ts";
import { type KeyPress, pressKey } from "../keys.ts";
import type { DashboardState, Source } from "../state.ts";
import type { FromReader, ReaderQuestion } from "./messages.ts";

/** What follows from changes. */
export interface SessionEffects {
  /** Something else is wanted of the store. */
  ask(question: ReaderQuestion): void;
  /** The view is to be written into files; resolves with what to tell. */
  write(state: DashboardState): Promise<string>;
}

/** A live dashboard. */
export interface Session {
  state(): DashboardState;
  /** Calls back after every change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  press(key: KeyPress): void;
  resize(columns: number, rows: number): void;
  take(message: FromReader): void;
  setSource(source: Source): void;
  /** Ends it from outside. */
  end(): void;
}

/**
 * Creates the session.
 *
 * @param flags the filter of the command line; what is typed narrows other dimensions, and replaces it in the same one.
 */
export function createSession(initial: DashboardState, flags: FilterFlags, effects: SessionEffects): Session {
  let state = initial;
  let asked = JSON.stringify(questionOf(state, flags));
  const listeners = new Set<() => void>();

  const change = (next: DashboardState): void => {
    if (next === state) return;
    const before = state;
    state = next;
    const question = questionOf(state, flags);
    const text = JSON.stringify(question);
    if (text !== asked) effects.ask(question);
    asked = text;
    if (state.exports !== before.exports) void write();
    for (const listener of listeners) listener();
  };

  const write = async (): Promise<void> => {
    const notice = await effects.write(state).catch((error: unknown) => messageOf(error));
    change({ ...state, notice });
  };

  const take = (message: FromReader): DashboardState => {
    switch (message.kind) {
      case "dashboard": {
        const { dashboard, warnings } = message;
        return { ...state, dashboard, problem: warnings[0] };
      }
      case "detail": {
        const { detail } = state;
        const isWanted = JSON.stringify(detail?.subject) === JSON.stringify(message.detail.subject);
        return detail === undefined || !isWanted ? state : { ...state, detail: { ...detail, content: message.detail } };
      }
      case "problem":
        return { ...state, problem: message.message };
    }
  };

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    press: (key) => change(pressKey(state, key)),
    resize: (columns, rows) => {
      if (columns !== state.columns || rows !== state.rows) change({ ...state, columns, rows });
    },
    take: (message) => change(take(message)),
    setSource: (source) => {
      if (source !== state.source) change({ ...state, source });
    },
    end: () => change({ ...state, isOver: true }),
  };
}

/** What a state wants of the store. */
export function questionOf({ choice, filter, detail }: DashboardState, flags: FilterFlags): ReaderQuestion {
  return { choice, filter: { ...flags, ...parseFilter(filter).flags }, detail: detail?.subject };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
