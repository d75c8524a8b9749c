#!/usr/bin/env bash
# cbor-x 1.6.0 writes an integer beyond 32 bits as a float (RFC 8949, section 3.3),
# and reads the integer of 64 bits that others write for the same number as a bigint,
# even where a number holds it exactly. A time in milliseconds that went through a
# peer in another language comes back as another type, and `value + 1` throws.
#
# Seen: 4294967296 is fb41f0000000000000 from cbor-x 1.6.0 and 1b0000000100000000 from
# cborg 4.5.8 and cbor2 2.3.0; of the latter bytes cbor-x makes 4294967296n, cborg and
# cbor2 make the number. cbor-x reads its own bytes as a number.
# What to do: `Number(value)` where a number is meant, or `int64AsNumber: true`.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  cbor-x@1.6.0 cborg@4.5.8 cbor2@2.3.0 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import * as cborx from "cbor-x";
import * as cborg from "cborg";
import * as cbor2 from "cbor2";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const value = 2 ** 32;

assert.equal(hex(cborx.encode(value)), "fb41f0000000000000");
assert.equal(hex(cborg.encode(value)), "1b0000000100000000");
assert.equal(hex(cbor2.encode(value)), "1b0000000100000000");

const integer = Buffer.from("1b0000000100000000", "hex");
assert.equal(cborx.decode(integer), 4294967296n);
assert.equal(cborg.decode(integer), value);
assert.equal(cbor2.decode(integer), value);
assert.equal(cborx.decode(cborx.encode(value)), value);
assert.throws(() => cborx.decode(integer) + 1, TypeError);
assert.equal(new cborx.Encoder({ int64AsNumber: true }).decode(integer), value);
console.log("cbor-x 1.6.0: integers beyond 32 bits leave as floats and come in as bigints");
JS
node try.mjs
