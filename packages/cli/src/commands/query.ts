/** `query METHOD`: any question that the store answers, as JSON. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { refuseFromFlag } from "../flags/by-session.ts";
import {
  addCommonFlags,
  addFilterFlags,
  addGroupFlag,
  addJsonFlag,
  addRangeFlags,
  addSortFlags,
  addWeekFlag,
} from "../flags/declare.ts";
import { resolveRange } from "../flags/range.ts";
import { parseNamesOrUnknown } from "../flags/values.ts";
import type { Asked } from "../query/ask.ts";
import {
  addFactFlags,
  addMethodFlags,
  METHOD_FLAGS,
  type QueryFlags,
  refuseOtherFlags,
  requireMethod,
} from "../query/flags.ts";
import { answer } from "./answer.ts";

/** Adds the command. */
export function addQueryCommand(program: Command, context: CliContext): void {
  const command = program
    .command("query")
    .description("any question to the store, answered as JSON; amounts of money are in billionths of a dollar")
    .argument("<method>", Object.keys(METHOD_FLAGS).join(", "));
  addRangeFlags(command, "days");
  addFilterFlags(command, parseNamesOrUnknown);
  addFactFlags(command);
  addMethodFlags(command);
  addGroupFlag(command);
  addSortFlags(command);
  refuseFromFlag(addCommonFlags(addJsonFlag(addWeekFlag(command))));
  command.action((method: string, flags: QueryFlags) => runQuery(context, method, flags));
}

async function runQuery(context: CliContext, name: string, flags: QueryFlags): Promise<void> {
  const method = requireMethod(name);
  refuseOtherFlags(method, flags);
  await answer(context, flags, async ({ ledger, screen, filter: names }) => {
    const { ask, askPages, isRowMethod } = await import("../query/ask.ts");
    const { printAnswer, printPages } = await import("../query/print.ts");
    const nowMillis = context.now();
    const range = resolveRange(flags, { calendar: screen.calendar, nowMillis, lastUnit: "day" });
    const asked: Asked = { flags, names, range, timeZone: screen.timeZone, nowMillis };
    const { query } = ledger.store;
    try {
      if (isRowMethod(method)) printPages(context, askPages(query, method, asked));
      else {
        const { sortRows } = await import("../query/sort-rows.ts");
        const found = ask(query, method, asked);
        printAnswer(context, method === "topAgents" ? found : sortRows(found, flags));
      }
    } catch (error) {
      // What the store cannot honour is a mistake in the command, and its message says what to ask instead.
      throw error instanceof RangeError ? new UsageError(error.message) : error;
    }
  });
}
