/** The agent of launchd. Source: launchd.plist(5). Pure. */
import type { ServiceSpec } from "./service-spec.ts";

/** By which launchd knows it. */
export const LAUNCHD_LABEL = "moai-metrics.serve";

/** The text of the property list: it comes back when it died. */
export function launchdAgent({ argv, variables, logFile }: ServiceSpec): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${argv.map((argument) => `    <string>${inXml(argument)}</string>`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(variables)
  .map(([name, value]) => `    <key>${inXml(name)}</key>\n    <string>${inXml(value)}</string>\n`)
  .join("")}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>60</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${inXml(logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${inXml(logFile)}</string>
</dict>
</plist>
`;
}

function inXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
