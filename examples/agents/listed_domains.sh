#!/bin/sh
# An external agent for Olorin, in shell with curl. It offers one tool: e-mail addresses of domains that a file lists.
#
#   olorin user add domains --role agent
#   export OLORIN_URL=http://127.0.0.1:8090 OLORIN_TOKEN="$(olorin token --user domains --ttl 24h)"
#   sh examples/agents/listed_domains.sh domains.txt            # one domain a line
#
# Then switch LISTED-01 on in the settings of an investigation. With --once as second argument it ends after its first piece of work.
set -u
api="${OLORIN_URL:-http://127.0.0.1:8090}/api/v1/agent"
list="${1:?give a file of domains, one a line}"
once="${2:-}"
answer="$(mktemp)"
trap 'rm -f "$answer" "$answer.rows"' EXIT

# call METHOD PATH [BODY] leaves the body in $answer and the status in $status; 000 is "no answer".
call() {
  status="$(curl -sS -o "$answer" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $OLORIN_TOKEN" -H 'Content-Type: application/json' ${3:+--data "$3"} "$api$2")" || status=000
}

# member NAME prints a text or number of the answer.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$answer" | head -n 1; }

register() {
  call PUT /registration '{"title":"Listed domains","tools":[{"tool":"LISTED-01","title":"Address of a listed domain","version":1,"weight":0.5,"group":"email","baseline":"a list of domains"}]}'
  [ "$status" = 200 ] && echo registered
}

# rows reads every row in scope into $answer.rows, one a line: its number, then its fields.
rows() {
  after=0
  : >"$answer.rows"
  while :; do
    call GET "/work/$1/rows?after=$after&limit=1000"
    [ "$status" = 200 ] || return 1
    sed 's/{"row":/\
/g' "$answer" | grep '"in_scope":true' >>"$answer.rows"
    after="$(sed -n 's/.*"next":\([0-9]*\).*/\1/p' "$answer")"
    grep -q '"more":true' "$answer" || return 0
  done
}

until register; do
  case "$status" in 401 | 403 | 422) cat "$answer" >&2; exit 1 ;; esac
  sleep 2
done
while :; do
  call POST /work '{"wait_ms":20000}'
  case "$status" in
  200) ;;
  204) continue ;;
  404) register; continue ;; # the server was started anew
  401 | 403) cat "$answer" >&2; exit 1 ;;
  *) sleep 2; continue ;;
  esac
  lease="$(member lease)"
  rows "$lease" || continue
  hits="$(while read -r domain; do
    [ -z "$domain" ] || grep -iF "@$domain\"" "$answer.rows"
  done <"$list" | sed 's/,.*//' | sort -nu | head -n 1000 | paste -sd, -)"
  if [ -n "$hits" ]; then
    n="$(printf '%s' "$hits" | tr ',' '\n' | grep -c .)"
    report="{\"outcome\":\"fired\",\"findings\":[{\"key\":\"listed domains\",\"sentence\":\"$n rows in scope have an e-mail address of a listed domain.\",\"strength\":1,\"rows\":[$hits],\"numbers\":{\"rows\":$n}}]}"
  else
    report='{"outcome":"clear"}'
  fi
  call PUT "/work/$lease/report" "$report"
  echo "reported $status"
  [ "$status" = 204 ] || cat "$answer" >&2
  [ "$once" != --once ] || exit 0
done
