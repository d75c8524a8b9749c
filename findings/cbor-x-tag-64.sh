#!/usr/bin/env bash
# cbor-x 1.6.0 writes a Uint8Array as a byte string under tag 64 (RFC 8746), a Buffer
# as a plain one. Libraries of other languages that do not know the tag hand out a
# tagged value in place of bytes: what one tried with Buffers in Node breaks when the
# same code runs in a browser or in Deno.
#
# Seen: Uint8Array [1] is d8 40 41 01, Buffer [1] is 41 01; Python's cbor2 5.4.6 (of
# Debian 12) makes CBORTag(64, b'\x01') of the former.
# What to do: `tagUint8Array: false` in the encoder's options.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, Debian's python3
# and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
npm install --silent --no-audit --no-fund --ignore-scripts cbor-x@1.6.0 >&2
apt-get download -q python3-cbor2=5.4.6-1+b1 >&2
dpkg -x ./*.deb root
cat >try.mjs <<'JS'
import { Encoder } from "cbor-x";

const bytes = new Uint8Array([1]);
const hex = (value, options) =>
  Buffer.from(new Encoder(options).encode(value)).toString("hex");
console.log([
  hex(bytes, {}),
  hex(Buffer.from(bytes), {}),
  hex(bytes, { tagUint8Array: false }),
].join(" "));
JS
seen=$(node try.mjs)
read=$(PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -c '
import sys, cbor2
print(*(repr(cbor2.loads(bytes.fromhex(text))) for text in sys.argv[1].split()), sep="; ")
' "$seen")
[ "$seen" = "d8404101 4101 4101" ]
[ "$read" = "CBORTag(64, b'\\x01'); b'\\x01'; b'\\x01'" ]
echo "cbor-x 1.6.0: $seen; Python's cbor2 5.4.6 reads $read"
