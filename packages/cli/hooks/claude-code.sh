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
# A process number comes again; no file may take the place of another.
number=0
while [ -e "$spool/$$-$number.hook" ] || [ -e "$spool/$$-$number.hook.tmp" ]; do
  number=$((number + 1))
  [ "$number" -gt 1000 ] && exit 0
done
file=$spool/$$-$number.hook
# Quotes inside of a text are escaped, so that no text can look like a field. Objects and lists are cut out first, from
# where the first begins to where the last ends: what a tool was given and gave back cannot look like one, either. What
# names an item of a task list is looked for only in the event that tells of one.
{
  printf '{'
  sed -n '
    :a
    $!{
    N
    ba
    }
    s/\n/ /g
    s/\([^\\]"\) *: *[[{].*[]}] *, *\("[^"\\]*" *:\)/\1:0,\2/
    /[]}] *} *$/s/\([^\\]"\) *: *[[{].*/\1:0}/
    h
    s/"session_id": *"\([^"\\]*\)".*/\
"session_id":"\1",/
    s/^.*\n//p
    g
    s/"cwd": *"\([^"\\]*\)".*/\
"cwd":"\1",/
    s/^.*\n//p
    g
    s/"prompt_id": *"\([^"\\]*\)".*/\
"prompt_id":"\1",/
    s/^.*\n//p
    g
    s/"agent_id": *"\([^"\\]*\)".*/\
"agent_id":"\1",/
    s/^.*\n//p
    g
    s/"agent_type": *"\([^"\\]*\)".*/\
"agent_type":"\1",/
    s/^.*\n//p
    g
    s/"hook_event_name": *"\([^"\\]*\)".*/\
"hook_event_name":"\1",/
    s/^.*\n//p
    g
    s/"tool_name": *"\([^"\\]*\)".*/\
"tool_name":"\1",/
    s/^.*\n//p
    g
    s/^.*"tool_use_id": *"\([^"\\]*\)".*/\
"tool_use_id":"\1",/
    s/^.*\n//p
    g
    s/^.*"error": *"\([a-z_]*\)".*/\
"error":"\1",/
    s/^.*\n//p
    g
    /"hook_event_name": *"TaskCompleted"/{
    s/"task_id": *"\([^"\\]*\)".*/\
"task_id":"\1",/
    s/^.*\n//p
    g
    s/^.*"teammate_name": *"\([^"\\]*\)".*/\
"teammate_name":"\1",/
    s/^.*\n//p
    g
    }
    s/^.*"duration_ms": *\([0-9][0-9]*\).*/\
"duration_ms":\1,/
    s/^.*\n//p
  '
  printf '"product":"claude-code"}\n'
} >"$file.tmp" && mv "$file.tmp" "$file"
exit 0
