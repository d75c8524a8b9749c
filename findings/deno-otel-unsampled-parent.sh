#!/usr/bin/env bash
# Deno 2.9.6 with OTEL_DENO=true, @opentelemetry/api 1.9.0: a span whose parent says
# "not sampled" (traceparent ends in 00) is sampled all the same, as long as
# OTEL_TRACES_SAMPLER is not set. OpenTelemetry's default is parentbased_always_on, which
# would leave it out: whoever samples one request in a hundred where it begins gets the
# other 99 from Deno, each in pieces. Set to parentbased_always_on by name, Deno obeys the
# parent. And isRecording() is true in all cases, also where nothing is sampled.
#
# Seen: flags 1 under a parent of flags 0; 0 with OTEL_TRACES_SAMPLER=parentbased_always_on;
# recording is true with always_off, too.
# What to do: OTEL_TRACES_SAMPLER=parentbased_always_on; ask spanContext().traceFlags.
# Exits 0 while this is so, 1 when it changed; wants npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 @opentelemetry/api@1.9.0 >&2
cat >try.mjs <<'JS'
import { context, trace, TraceFlags } from "@opentelemetry/api";

const parent = trace.setSpanContext(context.active(), {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  isRemote: true,
  traceFlags: TraceFlags.NONE,
});
const span = trace.getTracer("try").startSpan("child", {}, parent);
console.log(span.spanContext().traceFlags, span.isRecording());
span.end();
JS
# Nobody listens where it would tell its spans: these do not matter here.
try() {
  OTEL_DENO=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 \
    env "$@" ./node_modules/.bin/deno run -A --node-modules-dir=manual try.mjs 2>/dev/null
}
default=$(try -u OTEL_TRACES_SAMPLER)
named=$(try OTEL_TRACES_SAMPLER=parentbased_always_on)
off=$(try OTEL_TRACES_SAMPLER=always_off)
echo "not set: $default; parentbased_always_on: $named; always_off: $off"
[ "$default" = "1 true" ] && [ "$named" = "0 true" ] && [ "$off" = "0 true" ]
