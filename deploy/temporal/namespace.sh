#!/bin/sh
# Creates the namespace and Tenure's search attributes. Repeating it changes nothing; a search attribute of another type is an error.
set -eu

attempt=0
until temporal operator cluster health; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge 30 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not healthy after $attempt attempts." >&2
    exit 1
  fi
  sleep 2
done

temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "$RETENTION"

# A new namespace is known to all parts of the server only after some seconds.
attribute() {
  tries=0
  until temporal operator search-attribute create -n "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || exit 1
    sleep 2
  done
}
attribute Person Keyword
attribute Target Keyword
attribute Stage Keyword
attribute Campaign Keyword
attribute NeedsAttention Bool
attribute DueAt Datetime
