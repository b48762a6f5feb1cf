#!/bin/bash
# record.sh FOLDER PROGRAM ARGUMENTS…: runs one rank, passes signals on to it, and writes its process id and exit code
# into FOLDER.
rank=${OMPI_COMM_WORLD_RANK:-${PMIX_RANK:-${PMI_RANK:-0}}}
folder=$1
shift
"$@" &
child=$!
for name in TERM INT USR1; do
  trap "kill -$name $child 2> /dev/null" "$name"
done
echo "$child" > "$folder/new.$rank" && mv "$folder/new.$rank" "$folder/pid.$rank"
# A signal to this shell ends a `wait` early: the child's code comes with the one after it.
while wait "$child"; code=$?; kill -0 "$child" 2> /dev/null; do :; done
echo "$code" > "$folder/code.$rank"
exit 0
