#!/bin/sh
# A hook of Claude Code: leaves names and ids of what happened in the spool of moai-metrics, without starting Node.
# Reads the payload on standard input, prints nothing, and always ends well: telemetry never hurts the agent.
# Only the fields named below reach the disk; prompts, tool inputs and results never do.
exec 2>/dev/null
case ${MOAI_METRICS_DISABLED:-0} in 0 | false) ;; *) exit 0 ;; esac
case ${XDG_DATA_HOME-} in /*) data=$XDG_DATA_HOME ;; *) data=${HOME:+$HOME/.local/share} ;; esac
storage=${MOAI_METRICS_STORAGE:-${data:+$data/moai-metrics}}
[ -n "$storage" ] || exit 0
spool=$storage/spool
umask 077
export LC_ALL=C
[ -d "$spool" ] || mkdir -p "$spool" || exit 0
# An id that never comes again: two drains may look at a name while it is taken, and containers have the same process numbers.
# Where the system gives none, it is the process number, which is looked for until it is free.
read -r id </proc/sys/kernel/random/uuid || id=$$
number=0
while [ -e "$spool/$id-$number.hook" ] || [ -e "$spool/$id-$number.hook.tmp" ]; do
  number=$((number + 1))
  [ "$number" -gt 1000 ] && exit 0
done
file=$spool/$id-$number.hook
export MOAI_METRICS_UNFINISHED="$file.tmp"
# What stands between two quotes is a text, unless the quote is escaped; what stands outside of texts tells how deep one is.
# Only texts of the payload itself are looked at: what a tool was given and gave back lies deeper. What names an item of a
# task list is told only of the event that is about one. One process and no expressions: starting costs more than reading.
# The file is opened when all is known, so that a kill before leaves nothing, and gets its name when it is whole. What is
# left under the other name, the reader finishes after a minute. BusyBox does not tell of a full disk, but leaves it empty.
awk '
  { text = text $0 " " }
  function isEscaped(piece,  at) {
    at = length(piece)
    while (at > 0 && substr(piece, at, 1) == "\\") at--
    return (length(piece) - at) % 2
  }
  function readGap(gap,  at, sign) {
    for (at = 1; at <= length(gap); at++) {
      sign = substr(gap, at, 1)
      if (sign == ":") isValue = 1
      else if (sign == ",") { isValue = 0; if (depth == 1) key = "" }
      else if (sign == "{" || sign == "[") { depth++; isValue = 0 }
      else if (sign == "}" || sign == "]") { depth--; isValue = 0 }
      else if (isValue && depth == 1 && key == "duration_ms" && index("0123456789", sign)) duration = duration sign
      else if (sign != " " && sign != "\t") isValue = 0
    }
  }
  function tell(name) {
    if (told[name] != "") left = left "\n\"" name "\":\"" told[name] "\","
  }
  END {
    count = split(text, piece, "\"")
    for (at = 1; at <= count; at++) {
      readGap(piece[at])
      word = piece[++at]
      while (at < count && isEscaped(piece[at])) at++
      if (depth != 1 || index(word, "\\")) continue
      if (!isValue) key = word
      else if (!(key in told)) told[key] = word
    }
    left = "{"
    tell("session_id")
    tell("cwd")
    tell("prompt_id")
    tell("agent_id")
    tell("agent_type")
    tell("hook_event_name")
    tell("tool_name")
    tell("tool_use_id")
    if (told["error"] !~ /[^a-z_]/) tell("error")
    if (told["hook_event_name"] == "TaskCompleted") { tell("task_id"); tell("teammate_name") }
    if (duration != "") left = left "\n\"duration_ms\":" duration ","
    unfinished = ENVIRON["MOAI_METRICS_UNFINISHED"]
    print left "\"product\":\"claude-code\"}" >unfinished
  }
' && [ -s "$file.tmp" ] && mv -f "$file.tmp" "$file" && exit 0
rm -f "$file.tmp"
exit 0
