/** What the reading thread does: looks, takes in, and does what it is told. */

import { createGarbageCollection } from "./collect-garbage.ts";
import { createLooks } from "./looks.ts";
import type { FromReader, ReaderPlace, ToReader } from "./messages.ts";
import { createReaderLoop } from "./reader-loop.ts";
import { createTail } from "./tail.ts";
import { watchStore } from "./watch-store.ts";

/** Where the system does not tell of writes, this is how late a call is seen. Asking SQLite takes microseconds. */
const LOOK_MILLIS = 500;
/** While much is taken in, keys and calls do not wait longer than this. */
const TURN_MILLIS = 100;

/** The thread's work. */
export interface Reader {
  take(message: ToReader): void;
}

/** What the work needs. */
export interface ReaderOptions {
  readonly say: (message: FromReader) => void;
  /** The next message that waits, without giving way to it. */
  readonly waiting: () => ToReader | undefined;
  /** Called when everything is closed. */
  readonly onEnd: () => void;
}

/** Begins with a look. */
export function createReader(place: ReaderPlace, { say, waiting, onEnd }: ReaderOptions): Reader {
  let told: readonly string[] = [];
  let problem: string | undefined;
  const sayProblem = (text: string): void => {
    problem = text;
    say({ kind: "problem", message: [text, ...told].join(" ") });
  };
  const loop = createReaderLoop(place, {
    now: Date.now,
    say: (message) => {
      if (message.kind === "problem") return sayProblem(message.message);
      if (message.kind === "dashboard") problem = undefined;
      say(message.kind === "dashboard" ? { ...message, warnings: [...message.warnings, ...told] } : message);
    },
  });
  const watch = watchStore(place.path, () => looks.request());
  let collect: (() => void) | undefined;
  const look = (): boolean => {
    const hasRead = loop.look();
    watch.refresh();
    if (hasRead) {
      // What the first frame left behind can wait: the screen has not been loaded yet.
      collect ??= createGarbageCollection();
      collect();
    }
    return hasRead;
  };
  const looks = createLooks({ look, everyMillis: LOOK_MILLIS });
  const tail = createTail(place.sources, {
    tell: (warning) => {
      told = warning === undefined ? [] : [warning];
      // Where nothing can be read, why nothing can be stored is often the reason.
      if (problem !== undefined) sayProblem(problem);
    },
    onProgress: everyMillis(TURN_MILLIS, () => {
      for (let message = waiting(); message !== undefined; message = waiting()) take(message);
      look();
    }),
  });

  const take = (message: ToReader): void => {
    switch (message.kind) {
      case "taking_in":
        void tail.turn(message.isOn);
        break;
      case "stop":
        looks.stop();
        watch.close();
        void tail.turn(false).then(() => {
          loop.close();
          onEnd();
        });
        break;
      default:
        loop.take(message);
    }
  };
  return { take };
}

/** Does something when it is asked to, and no more often than this. */
function everyMillis(millis: number, work: () => void): () => void {
  let dueAt = performance.now() + millis;
  return () => {
    if (performance.now() < dueAt) return;
    work();
    dueAt = performance.now() + millis;
  };
}
