/** What a client can read, by its headers. Pure. RFC 9110, 12.5. */
import type { IncomingHttpHeaders } from "node:http";
import type { ExpositionFormat } from "@moai-metrics/report";

/** How an exposition is to be sent. */
export interface ExpositionChoice {
  readonly format: ExpositionFormat;
  readonly isCompressed: boolean;
}

interface Weighted {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0 to 1. */
  readonly weight: number;
}

/** The format that the client likes best; where nothing that it names is known, text 0.0.4, as the specification says. */
export function negotiateExposition(headers: IncomingHttpHeaders): ExpositionChoice {
  const ranges = parseWeighted(headers.accept ?? "*/*");
  const weightOf = (isMeant: (range: Weighted) => boolean): number =>
    Math.max(0, ...ranges.filter(isMeant).map(({ weight }) => weight));
  const text = weightOf(({ name, parameters }) => name === "text/plain" && hasVersion(parameters, "0.0.4"));
  const openmetrics = weightOf(
    ({ name, parameters }) => name === "application/openmetrics-text" && hasVersion(parameters, "1.0.0"),
  );
  const textOrAny = Math.max(
    text,
    weightOf(({ name }) => name === "text/*" || name === "*/*"),
  );
  const encodings = parseWeighted(headers["accept-encoding"]?.toString() ?? "");
  return {
    format: openmetrics > 0 && openmetrics >= textOrAny ? "openmetrics" : "text",
    isCompressed: encodings.some(({ name, weight }) => name === "gzip" && weight > 0),
  };
}

/** A range without a version means any. */
function hasVersion(parameters: ReadonlyMap<string, string>, version: string): boolean {
  return (parameters.get("version") ?? version) === version;
}

function parseWeighted(header: string): Weighted[] {
  return header.split(",").map((part) => {
    const [name = "", ...rest] = part.split(";").map((each) => each.trim().toLowerCase());
    const parameters = new Map(
      rest.map((parameter) => {
        const [key = "", value = ""] = parameter.split("=").map((each) => each.trim());
        return [key, value.replace(/^"(.*)"$/, "$1")] as const;
      }),
    );
    const weight = Number(parameters.get("q") ?? 1);
    return { name, parameters, weight: weight >= 0 && weight <= 1 ? weight : 0 };
  });
}
