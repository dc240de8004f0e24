#!/bin/sh
# metrics-post-task.sh TASK_ID AGENT RESULT DURATION_MS TOKENS: a hook behind a task, which leaves one small file in the
# spool of moai-metrics, without jq and without starting Node. Values may be empty. Prints nothing, and always ends well:
# telemetry never hurts the agent. Every call writes a file of its own, so that calls at the same time lose nothing.
exec 2>/dev/null
case ${MOAI_METRICS_DISABLED:-0} in 0 | false) ;; *) exit 0 ;; esac
umask 077
set -- "${1-}" "${2-}" "${3-}" "${4-}" "${5-}"
# The project: the one that this file is installed in, else the one that the agent works in.
case $0 in
  */.moai/hooks/*) project=${0%/.moai/hooks/*} ;;
  .moai/hooks/*) project=$PWD ;;
  *) project=${CLAUDE_PROJECT_DIR:-$PWD} ;;
esac
case $project in
  /*) ;;
  *) project=$(cd "$project" && pwd) || project=$PWD ;;
esac
# The agent's session, where its product tells it.
if [ -n "${CLAUDE_CODE_SESSION_ID-}" ]; then
  product=claude-code session=$CLAUDE_CODE_SESSION_ID
elif [ -n "${CODEX_THREAD_ID-}" ]; then
  product=codex session=$CODEX_THREAD_ID
elif [ -n "${GEMINI_SESSION_ID-}" ]; then
  product=gemini-cli session=$GEMINI_SESSION_ID
else
  product='' session=''
fi
# An id that never comes again; where the system gives none, the time and the process numbers are one.
read -r id </proc/sys/kernel/random/uuid || id=$(date +%s)-$PPID-$$
# Only a text that needs it is worth a process: quotes and backslashes are escaped, control characters become spaces.
json() {
  case $1 in
    *[\"\\[:cntrl:]]*) printf '"%s"' "$(printf %s "$1" | LC_ALL=C tr '\000-\037\177' ' ' | LC_ALL=C sed 's/[\"\\]/\\&/g')" ;;
    *) printf '"%s"' "$1" ;;
  esac
}
leave() {
  [ -d "$1" ] || mkdir -p "$1" || return 1
  file=$1/$id.hook
  shift
  {
    printf '{"hook_event_name":"PostTask","id":"%s","task_id":' "$id"
    json "$1"
    printf ',"agent":'
    json "$2"
    printf ',"result":"%s","duration_ms":"%s","tokens":"%s","cwd":' "$3" "$4" "$5"
    json "$project"
    printf ',"session_product":"%s","session_id":' "$product"
    json "$session"
    printf '}\n'
  } >"$file.tmp" && mv "$file.tmp" "$file" && return 0
  rm -f "$file.tmp"
  return 1
}
# Only a known word and two numbers reach the disk: what is something else is told as "?" and counted where it is read.
case $3 in
  '' | [Ss]uccess | SUCCESS | succeeded | successful | [Cc]ompleted | complete | [Dd]one | ok | OK | pass | passed) result=$3 ;;
  [Ff]ailure | FAILURE | [Ff]ailed | fail | [Ee]rror | [Tt]imeout | TIMEOUT | timed_out | timedout) result=$3 ;;
  [Cc]ancelled | [Cc]anceled | CANCELLED | aborted | interrupted | unknown) result=$3 ;;
  *) result='?' ;;
esac
case $4 in *[!0-9.]*) duration='?' ;; *) duration=$4 ;; esac
case $5 in *[!0-9.]*) tokens='?' ;; *) tokens=$5 ;; esac
# The user's spool is read wherever a command is typed. Where it cannot be written, as in a sandbox, the project's is
# read by every command in the project.
case ${XDG_DATA_HOME-} in /*) data=$XDG_DATA_HOME ;; *) data=${HOME:+$HOME/.local/share} ;; esac
storage=${MOAI_METRICS_STORAGE:-${data:+$data/moai-metrics}}
[ -n "$storage" ] && leave "$storage/spool" "$1" "$2" "$result" "$duration" "$tokens" && exit 0
leave "$project/.moai/metrics/spool" "$1" "$2" "$result" "$duration" "$tokens" || exit 0
[ -e "$project/.moai/metrics/.gitignore" ] || printf '*\n!.gitignore\n!config.json\n' >"$project/.moai/metrics/.gitignore"
exit 0
