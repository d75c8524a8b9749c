#!/usr/bin/env bash
# Two packages that write PHP's serialize() format from JavaScript write numbers that
# PHP does not read, and PHP then gives up the whole value: a session becomes `false`.
# Where they read, they do not know what PHP itself writes for the same numbers.
#
# Seen, with PHP 8 and the packages php-serialize 5.1.3 and locutus 2.0.39:
#   Infinity   php-serialize "d:INFINITY;", locutus "i:Infinity;"; PHP: false for both
#   1e22       locutus "i:1e+22;"; PHP: false
#   keys 1 and "01" of one object: locutus writes i:1 twice, PHP keeps one of the two
#   PHP's "d:INF;" and "d:-0;": php-serialize throws, and returns the bigint 0n; of
#   the latter locutus makes false
# What to do: only finite numbers below 2^53 in what both sides share.
# Exits 0 while this is so, 1 when it changed; wants node and php.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  php-serialize@5.1.3 locutus@2.0.39 >&2
cat >try.cjs <<'JS'
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const php = require("php-serialize");
const locutus = {
  serialize: require("locutus/php/var/serialize"),
  unserialize: require("locutus/php/var/unserialize"),
};
const read = (input) =>
  execFileSync(
    "php",
    ["-r", "echo json_encode(@unserialize(stream_get_contents(STDIN)));"],
    { input },
  ).toString();
const write = (expression) =>
  execFileSync("php", ["-r", `echo serialize(${expression});`]).toString();

assert.equal(php.serialize(Infinity), "d:INFINITY;");
assert.equal(locutus.serialize(Infinity), "i:Infinity;");
assert.equal(locutus.serialize(1e22), "i:1e+22;");
for (const text of ["d:INFINITY;", "i:Infinity;", "i:1e+22;"]) {
  assert.equal(read(`a:2:{i:0;s:2:"ok";i:1;${text}}`), "false");
}
assert.equal(read(php.serialize({ a: 1e22 })), '{"a":1.0e+22}');

const twice = locutus.serialize({ 1: "a", "01": "b" });
assert.equal(twice, 'a:2:{i:1;s:1:"a";i:1;s:1:"b";}');
assert.equal(read(twice), '{"1":"b"}');
assert.equal(read(php.serialize({ 1: "a", "01": "b" })), '{"1":"a","01":"b"}');

assert.equal(write("INF"), "d:INF;");
assert.equal(write("-0.0"), "d:-0;");
assert.throws(() => php.unserialize("d:INF;"), SyntaxError);
assert.equal(php.unserialize("d:-0;"), 0n);
console.error = () => {};
assert.equal(locutus.unserialize("d:-0;"), false);
console.log("php-serialize 5.1.3 and locutus 2.0.39: infinite, large and negative-zero numbers do not cross to PHP and back");
JS
node try.cjs
