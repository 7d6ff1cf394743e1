# shellcheck shell=bash
# Small SIF images from nothing but printf, for the tests of sif-sign and sif-list. Sourced by them.
# Format: sylabs/sif; the numbers are written out here once more.

le() { # le BYTES NUMBER: little-endian
  local i
  for ((i = 0; i < $1; i++)); do printf '%b' "\\x$(printf %02x $((($2 >> (8 * i)) & 255)))"; done
}
field() { # field BYTES TEXT: padded with zeros
  printf '%s' "$2"
  head -c $(($1 - ${#2})) /dev/zero
}

# make_sif FILE SLOTS OBJECT…: an image with a table of so many slots. An object is
# TYPE:GROUP:LINK:NAME:DATA, numbers as stored but for GROUP, 0 = none.
make_sif() {
  local file=$1 slots=$2 object type group link name data id=0 end
  shift 2
  local start=$((4096 + slots * 585)) table=$file.table content=$file.content
  end=$start
  : >"$table"
  : >"$content"
  for object; do
    IFS=: read -r type group link name data <<<"$object"
    id=$((id + 1))
    {
      le 4 "$type" && le 1 1 && le 4 $id && le 4 $((0xf0000000 | group)) && le 4 "$link"
      le 8 "$end" && le 8 ${#data} && le 8 ${#data} && le 8 1600000000 && le 8 1600000000
      le 8 0 && le 8 0 && field 128 "$name" && head -c 384 /dev/zero
    } >>"$table"
    printf '%s' "$data" >>"$content"
    end=$((end + ${#data}))
  done
  head -c $(((slots - id) * 585)) /dev/zero >>"$table"
  {
    field 32 $'#!/usr/bin/env run-singularity\n' && field 10 SIF_MAGIC && field 3 01 && field 3 00
    printf 0123456789abcdef && le 8 1600000000 && le 8 1600000000
    le 8 $((slots - id)) && le 8 "$slots" && le 8 4096 && le 8 $((slots * 585))
    le 8 "$start" && le 8 $((end - start))
    head -c $((4096 - 128)) /dev/zero
    cat "$table" "$content"
  } >"$file"
  rm "$table" "$content"
}
