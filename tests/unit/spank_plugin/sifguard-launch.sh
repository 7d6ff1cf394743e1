#!/bin/sh
# Stands in for the launcher where a test lets a task go all the way: shows what it was given.
echo "launched: $*"
echo "job variable: $JOB_VARIABLE"
