#!/usr/bin/env bash
# notepack.io, MessagePack for JavaScript and what socket.io-msgpack-parser writes with:
# a whole number of 2^64 or more is written as an integer of 64 bits and becomes
# another one, often 0; MessagePack has floats for it. Of a typed array 3.0.1 writes
# each element's lowest byte only, 2.2.0 wrote all.
#
# Seen with 3.0.1 and 2.2.0: 1e300 comes back as 0, 2^64 as 0, 2^65 + 2^20 as 1048576.
# Uint16Array [1, 300]: bytes 1, 44 from 3.0.1, and 1, 0, 44, 1 from 2.2.0;
# Float32Array [1.5]: byte 1 from 3.0.1.
# @msgpack/msgpack 3.1.3 gives the numbers back, and all bytes of the arrays.
# What to do: such numbers as text, typed arrays as `new Uint8Array(array.buffer, …)`.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts notepack.io@3.0.1 \
  older@npm:notepack.io@2.2.0 @msgpack/msgpack@3.1.3 >&2
cat >try.cjs <<'JS'
const assert = require("node:assert/strict");
const msgpack = require("@msgpack/msgpack");

const NUMBERS = [1e300, 2 ** 64, 2 ** 65 + 2 ** 20];
const there = ({ encode, decode }, value) => decode(encode(value));
for (const name of ["notepack.io", "older"]) {
  const notepack = require(name);
  assert.deepEqual(NUMBERS.map((each) => there(notepack, each)), [0, 0, 1048576]);
}
const newer = require("notepack.io");
assert.deepEqual([...there(newer, new Uint16Array([1, 300]))], [1, 44]);
assert.deepEqual([...there(newer, new Float32Array([1.5]))], [1]);
const bytes = new Uint8Array(there(require("older"), new Uint16Array([1, 300])));
assert.deepEqual([...bytes], [1, 0, 44, 1]);
assert.deepEqual(NUMBERS.map((each) => there(msgpack, each)), NUMBERS);
assert.deepEqual([...there(msgpack, new Uint16Array([1, 300]))], [1, 0, 44, 1]);
console.log("notepack.io 3.0.1 and 2.2.0: 1e300 and 2^64 come back as 0, Uint16Array [1, 300] as 1, 44");
JS
node try.cjs
