#!/usr/bin/env bash
# phoenix 1.7.21 (the JavaScript client of Phoenix Channels): a push whose payload is
# an ArrayBuffer is written in a binary form, with topic and event cut to one byte for
# each UTF-16 unit and their lengths to one byte, while the same client reads these
# names as UTF-8. A topic that works with JSON payloads names another one with binary
# ones. A Uint8Array is no ArrayBuffer to it: it leaves as a JSON object of numbers.
#
# Seen: "raum:größe" arrives as bytes that are no UTF-8, "raum:日本" as "raum:å,",
# a topic of 300 letters has the length 44, and a Uint8Array of 3 bytes becomes
# {"0":1,"1":2,"2":3}.
# What to do: ASCII topics below 256 letters where payloads may be binary, and
# `bytes.buffer.slice(…)` as payload. Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts phoenix@1.7.21 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Serializer } from "phoenix";

const { version } = JSON.parse(readFileSync("node_modules/phoenix/package.json", "utf8"));
const encode = (topic, payload) => {
  let wire;
  Serializer.encode(
    { join_ref: "1", ref: "2", topic, event: "new", payload },
    (bytes) => wire = bytes,
  );
  return wire;
};
const topicOf = (wire, length) => new Uint8Array(wire).subarray(7, 7 + length);
const payload = new Uint8Array([1, 2, 3]);

const latin = topicOf(encode("raum:größe", payload.buffer), 10);
assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(latin));
assert.equal(Buffer.from(latin).toString("latin1"), "raum:größe");

const wide = topicOf(encode("raum:日本", payload.buffer), 7);
assert.equal(Buffer.from(wide).toString("latin1"), "raum:å,");

const long = "t".repeat(300);
assert.equal(new Uint8Array(encode(long, payload.buffer))[3], 300 - 256);
assert.equal(JSON.parse(encode(long, { a: 1 }))[2], long);

assert.deepEqual(JSON.parse(encode("raum", payload))[4], { 0: 1, 1: 2, 2: 3 });
console.log(`phoenix ${version}: binary pushes cut topics to bytes, a Uint8Array becomes an object`);
JS
node try.mjs
