#!/usr/bin/env bash
# A text that begins with U+FEFF is a text like others in CBOR (RFC 8949, section 3.1)
# and MessagePack, and another name than the one without it. Three packages for
# JavaScript take it for the mark at the beginning of a file and drop it, two of them
# by the text's length only: what was told apart by one length is the same by another.
#
# Seen: written and read again by the same package under Node,
#   cborg 4.5.8             "\ufeffann" comes back as "ann"
#   @msgpack/msgpack 3.1.3  kept in texts up to 200 bytes, dropped from longer ones
#   cbor-x 1.6.0            kept in texts up to 64 bytes; dropped from longer ones where
#                           its native add-on is not built, as here, and under Deno
#   cbor2 2.3.0, msgpackr 1.11.14  kept
# What to do: names with a leading U+FEFF refused at the door, or compared as bytes.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts cborg@4.5.8 \
  @msgpack/msgpack@3.1.3 cbor2@2.3.0 msgpackr@1.11.14 cbor-x@1.6.0 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import * as msgpack from "@msgpack/msgpack";
import * as cborx from "cbor-x";
import * as cbor2 from "cbor2";
import * as cborg from "cborg";
import * as msgpackr from "msgpackr";

const packages = {
  cborg,
  msgpack,
  cbor2,
  "cbor-x": cborx,
  msgpackr: { encode: msgpackr.pack, decode: msgpackr.unpack },
};
const keeps = ({ encode, decode }, length) => {
  const text = "\ufeff" + "a".repeat(length);
  return decode(encode(text)) === text;
};
const seen = Object.fromEntries(
  Object.entries(packages).map(([name, each]) => [
    name,
    [3, 100, 300].map((length) => keeps(each, length)),
  ]),
);
assert.deepEqual(seen, {
  cborg: [false, false, false],
  msgpack: [true, true, false],
  cbor2: [true, true, true],
  "cbor-x": [true, false, false],
  msgpackr: [true, true, true],
});
console.log("U+FEFF kept in texts of 3, 100 and 300 letters:", JSON.stringify(seen));
JS
node try.mjs
