/** TOML as people write it, with a table `otel` in any of its forms, or without one. */
import fc from "fast-check";

/** What may stand before and behind. */
const block = fc.constantFrom(
  'model = "gpt-5.6" # best',
  "# [otel]",
  'notify = ["a",\n  "b", # two\n]',
  'text = """\n[otel]\nexporter = "none"\n"""',
  "raw = '''\notel = { x = 1 }'''",
  "big = 9007199254740993",
  "day = 1979-05-27",
  "",
);
const table = fc.constantFrom(
  "[mcp_servers.otel]\ncommand = 'exporter = 1'",
  '[ tui ] # screen\n  theme = "x"',
  "[[hooks.Stop]]\nexporter = 3",
  '[profiles."otel"]\nmodel = "o"',
);
const otel = fc.constantFrom(
  "",
  "[otel]",
  "[otel] # mine\n",
  '  [ otel ]\n  environment = "dev" # here\n  log_user_prompt = false',
  "[otel]\n\n# nothing yet\n",
  '["otel"]\nenvironment = "dev"',
  '[otel.span_attributes]\nteam = "x"',
  '[otel]\nenvironment="dev"\n[otel.span_attributes]\nteam="x"',
);
const first = fc.constantFrom('otel = { environment = "dev" }', "otel = {}", 'otel.environment = "dev"', "");

/** A text, written oddly. */
export const oddToml: fc.Arbitrary<string> = fc
  .record({
    blocks: fc.uniqueArray(block, { maxLength: 4 }),
    first,
    tables: fc.uniqueArray(table, { maxLength: 3 }),
    otel,
    lineEnd: fc.constantFrom("\n", "\r\n"),
    end: fc.constantFrom("\n", "", "\n\n", "\n# end"),
    at: fc.nat({ max: 3 }),
  })
  .map(({ blocks, first, tables, otel, lineEnd, end, at }) => {
    // A table is written once.
    const own = first === "" ? [otel] : [];
    const parts = [...blocks, first, ...tables.slice(0, at), ...own, ...tables.slice(at)].filter((part) => part !== "");
    return (parts.join("\n") + end).replaceAll("\n", lineEnd);
  });
