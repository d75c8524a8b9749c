#!/usr/bin/env bash
# Perl's CBOR::XS 1.86 (Debian 12) writes a string as text only if Perl holds it in
# its wide form: the keys of a hash and plain strings become byte strings. Decoders
# that make objects of maps refuse such keys, so {a => "x"} from Perl does not arrive.
#
# Seen: {a => "x"} is a1 41 61 41 78; cbor-x 1.6.0 and cborg 4.5.8 throw, cbor2 2.3.0
# makes a Map with a key of bytes; with `text_keys` and `text_strings` it is
# a1 61 61 61 78, and all three read {a: "x"}.
# What to do: CBOR::XS->new->text_keys->text_strings on the Perl side.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, perl and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
npm install --silent --no-audit --no-fund --ignore-scripts \
  cbor-x@1.6.0 cborg@4.5.8 cbor2@2.3.0 >&2
apt-get download -q libcbor-xs-perl=1.86-1+b2 libtypes-serialiser-perl \
  libcommon-sense-perl >&2
for package in ./*.deb; do dpkg -x "$package" root; done
library=$(dirname "$(dirname "$(find root -path '*CBOR/XS.pm')")")
common=$(dirname "$(dirname "$(find root -name Serialiser.pm)")")
sense=$(dirname "$(dirname "$(find root -path '*common/sense.pm')")")
perl -I"$library" -I"$common" -I"$sense" -MCBOR::XS -e '
  my $map = {a => "x"};
  print unpack("H*", encode_cbor $map), " ",
    unpack("H*", CBOR::XS->new->text_keys->text_strings->encode($map)), "\n"' >seen.txt
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as cborx from "cbor-x";
import * as cborg from "cborg";
import * as cbor2 from "cbor2";

const [plain, text] = readFileSync("seen.txt", "utf8").trim().split(" ");
assert.equal(plain, "a141614178");
assert.equal(text, "a161616178");
const bytes = Buffer.from(plain, "hex");
assert.throws(() => cborx.decode(bytes), /Invalid property name/);
assert.throws(() => cborg.decode(bytes), /non-string keys/);
assert.ok(cbor2.decode(bytes) instanceof Map);
for (const { decode } of [cborx, cborg, cbor2]) {
  assert.deepEqual({ ...decode(Buffer.from(text, "hex")) }, { a: "x" });
}
console.log(`CBOR::XS 1.86: {a => "x"} is ${plain}, which cbor-x 1.6.0 and cborg 4.5.8 refuse`);
JS
node try.mjs
