/** The user unit of systemd. Source: systemd.service(5), systemd.exec(5), systemd.syntax(7). Pure. */
import type { ServiceSpec } from "./service-spec.ts";

/** The name of the unit. */
export const SYSTEMD_UNIT = "moai-metrics.service";

/** The text of the unit: it comes back when it died, but not for ever. */
export function systemdUnit({ argv, variables }: ServiceSpec): string {
  const environment = Object.entries(variables).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`);
  return [
    "[Unit]",
    "Description=moai-metrics: receives what AI agents report, on this machine only",
    "StartLimitIntervalSec=1h",
    "StartLimitBurst=6",
    "",
    "[Service]",
    `ExecStart=${argv.map(quoteArgument).join(" ")}`,
    ...environment,
    "Restart=on-failure",
    "RestartSec=10s",
    "UMask=0077",
    "NoNewPrivileges=yes",
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

/** A percent sign begins a specifier, everywhere in a unit. */
function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")}"`;
}

/** In a command, a dollar sign begins a variable, too. */
function quoteArgument(text: string): string {
  return quote(text).replaceAll("$", "$$$$");
}
