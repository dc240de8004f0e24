/** Runs the dashboard on a terminal until it is left. */
import type { ReceiverReading } from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { CliContext } from "../../context.ts";
import { limitHeapGrowth } from "../../ledger/limit-heap.ts";
import type { DashboardFlags } from "../dashboard-flags.ts";
import { createProcessReadings } from "../readings/process-readings.ts";
import { createReceiverReadings } from "../readings/receiver-readings.ts";
import { initialState, type Source } from "../state.ts";
import { startReaderThread } from "./reader-thread.ts";
import { createSession, questionOf } from "./session.ts";
import type { TerminalStreams } from "./show-app.ts";
import { createTail, type Tail } from "./tail.ts";

/** Where the data is. */
export interface LivePlace {
  readonly path: string;
  /** Undefined for data that is not the user's own. */
  readonly storage: string | undefined;
}

/** Draws until the user leaves; the terminal is as it was before, whatever happens. */
export async function runLive(
  context: CliContext,
  flags: DashboardFlags,
  place: LivePlace,
  terminal: TerminalStreams = process,
): Promise<void> {
  const { environment } = context;
  // It stays all day: what is garbage is collected soon, in every thread.
  limitHeapGrowth();
  const { config } = await context.loadConfig(flags);
  const timeZone = flags.timezone ?? environment.timeZone;
  const { columns, rows } = environment;
  const start = initialState({
    ...{ columns, rows, period: flags.period, groupBy: flags.groupBy, trendUnit: flags.by },
    label: context.dataLabel,
  });
  const intervalMillis = flags.interval * 1_000;
  const session = createSession(start, flags, {
    ask: (question) => reader.say({ kind: "question", question }),
    write: async (state) => {
      const { writeView } = await import("./write-view.ts");
      return writeView(state, environment.workingFolder);
    },
  });
  const tail = createTailHere(context, config, place);
  const sources = watchSources(place.storage, tail, intervalMillis, {
    onSource: session.setSource,
    onReadings: (receiver, process) => reader.say({ kind: "readings", receiver, process }),
  });
  let failure: unknown;
  // It reads while this thread loads what draws.
  const reader = startReaderThread(
    {
      ...{ path: place.path, config, timeZone, isSystemZone: timeZone === environment.timeZone, intervalMillis },
      ...{ workingFolder: environment.workingFolder, isOwnData: place.storage !== undefined },
      question: questionOf(start, flags),
    },
    {
      onMessage: (message) => {
        session.take(message);
        // The first figures come first: what follows takes the processor, too.
        sources.start();
      },
      onError: (error) => {
        failure = error;
        session.end();
      },
    },
  );
  // React's other build is slower, and keeps a note of every frame for its developer tools.
  process.env["NODE_ENV"] ??= "production";
  const [{ showApp }, { createPalette }] = await Promise.all([import("./show-app.ts"), import("@moai-metrics/report")]);
  try {
    await showApp(session, createPalette(environment.isColoured && flags.color), terminal);
  } finally {
    await Promise.all([sources.stop(), failure === undefined ? reader.stop() : undefined]);
  }
  if (failure !== undefined) throw failure;
}

/** Undefined where nothing is to be collected, or the data is not the user's own. */
function createTailHere({ environment }: CliContext, config: MetricsConfig, { storage }: LivePlace): Tail | undefined {
  if (storage === undefined || environment.isDisabled || !config.isEnabled) return undefined;
  const { variables, homeFolder, timeZone } = environment;
  return createTail({ storage, environment: variables, homeFolder, timeZone });
}

interface SourceEvents {
  onSource(source: Source): void;
  onReadings(receiver: ReceiverReading | null, process: ReturnType<ReturnType<typeof createProcessReadings>>): void;
}

/** Asks the receiver how it is, and takes in files itself while there is none. */
function watchSources(
  storage: string | undefined,
  tail: Tail | undefined,
  intervalMillis: number,
  { onSource, onReadings }: SourceEvents,
): { start(): void; stop(): Promise<void> } {
  const receiver = storage === undefined ? undefined : createReceiverReadings(storage);
  const readProcess = createProcessReadings();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const look = async (): Promise<void> => {
    const reading = (await receiver?.read()) ?? null;
    const isReceived = reading?.state === "running" || reading?.state === "cannot write";
    if (isReceived) await tail?.stop();
    else if (!isStopped) await tail?.start();
    onSource(isReceived ? "receiver" : tail?.isRunning === true ? "tail" : "nothing");
    onReadings(reading, readProcess());
  };
  const next = (): void => {
    running = look().finally(() => {
      if (!isStopped) timer = setTimeout(next, intervalMillis);
    });
  };
  return {
    start: () => {
      if (running === undefined && !isStopped) next();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
      await tail?.stop();
    },
  };
}
