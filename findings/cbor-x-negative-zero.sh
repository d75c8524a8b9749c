#!/usr/bin/env bash
# CBOR has a negative zero, f9 8000 (RFC 8949, section 3.3 and appendix A). cbor-x 1.6.8
# and cborg 4.5.8 read it, and write the integer 0 for it, so that a value that only
# passes through such a node has another sign than before: 1 / value is Infinity in place
# of -Infinity, and PHP, where -0.0 is a float and 0 an int, gets another type back.
#
# Seen: -0 is 00 from cbor-x and cborg, and f98000 from cbor2 2.3.0; all three read f98000
# as -0.
# What to do: where the sign of a zero matters, store it in another way.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  cbor-x@1.6.8 cborg@4.5.8 cbor2@2.3.0 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import * as cborx from "cbor-x";
import * as cborg from "cborg";
import * as cbor2 from "cbor2";

const written = [cborx, cborg, cbor2]
  .map(({ encode }) => Buffer.from(encode(-0)).toString("hex"));
console.log(`-0: cbor-x ${written[0]}, cborg ${written[1]}, cbor2 ${written[2]}`);
assert.deepEqual(written, ["00", "00", "f98000"]);
for (const { decode } of [cborx, cborg, cbor2]) {
  assert(Object.is(decode(Buffer.from("f98000", "hex")), -0));
}
JS
node try.mjs
