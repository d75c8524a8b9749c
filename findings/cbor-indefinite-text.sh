#!/usr/bin/env bash
# Text of indefinite length (RFC 8949, section 3.2.3), which an encoder on a small
# device sends when it does not know the length beforehand, is refused by two of the
# three usual CBOR packages for JavaScript, though both read lists and maps of
# indefinite length.
#
# Seen: of 7f 61 61 61 62 ff ("a", then "b") cbor2 2.3.0 makes "ab"; cbor-x 1.6.0 and
# cborg 4.5.8 throw; of 9f 01 ff ([1]) all three make [1].
# What to do: definite lengths for text and bytes on the device.
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

const text = Buffer.from("7f61616162ff", "hex");
assert.equal(cbor2.decode(text), "ab");
assert.throws(() => cborx.decode(text), /Indefinite length not supported/);
assert.throws(() => cborg.decode(text), /indefinite length/);

const list = Buffer.from("9f01ff", "hex");
for (const { decode } of [cborx, cborg, cbor2]) assert.deepEqual(decode(list), [1]);
console.log("cbor-x 1.6.0 and cborg 4.5.8 refuse text of indefinite length, cbor2 2.3.0 reads it");
JS
node try.mjs
