#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1, which test suites read /metrics with: of a
# histogram it keeps buckets, count and sum only if "le" is its one label. With
# another label they are lost, and two series become one.
#
# Seen: of two series with the label route, 1 and 10 in the bucket 0.1, it makes one
# entry without labels, count and sum; of one without labels all of it.
# What to do: look for the lines themselves in a test of labelled histograms.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  parse-prometheus-text-format@1.1.1 >&2
cat >try.cjs <<'JS'
const assert = require("node:assert/strict");
const found = require("parse-prometheus-text-format");
const parse = found.default ?? found;

const series = (label, few, all) => {
  const braces = label === "" ? "" : `{${label}}`;
  const before = label === "" ? "" : `${label},`;
  return `h_bucket{${before}le="0.1"} ${few}\nh_bucket{${before}le="+Inf"} ${all}\n` +
    `h_sum${braces} 3\nh_count${braces} ${all}\n`;
};
const head = "# TYPE h histogram\n";

assert.deepEqual(parse(head + series("", 1, 2))[0].metrics, [
  { buckets: { "0.1": "1", "+Inf": "2" }, count: "2", sum: "3" },
]);
const both = series('route="a"', 1, 2) + series('route="b"', 10, 20);
const { metrics } = parse(head + both)[0];
assert.equal(metrics.length, 1);
assert.deepEqual(Object.keys(metrics[0]), ["buckets"]);
console.log(
  `parse-prometheus-text-format 1.1.1: two labelled histograms become ${JSON.stringify(metrics)}`,
);
JS
node try.cjs
