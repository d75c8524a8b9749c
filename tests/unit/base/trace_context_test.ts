import { assertEquals } from "@std/assert";
import {
  formatTraceparent,
  isTraceparent,
  parseTraceparent,
} from "../../../lib/base/trace_context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

Deno.test("parseTraceparent() reads what is recorded, of any version but the last, and what was written", () => {
  const context = { traceId: TRACE, spanId: SPAN };
  assertEquals(parseTraceparent(`00-${TRACE}-${SPAN}-01`), context);
  assertEquals(parseTraceparent(`cc-${TRACE}-${SPAN}-03`), context);
  assertEquals(parseTraceparent(formatTraceparent(context)), context);
});

Deno.test("parseTraceparent() knows no trace that is not recorded, though it is one", () => {
  const text = `00-${TRACE}-${SPAN}-00`;
  assertEquals([isTraceparent(text), parseTraceparent(text)], [
    true,
    undefined,
  ]);
});

Deno.test("isTraceparent() refuses upper case, ids of zeros, other lengths, and version ff", () => {
  const wrong = [
    "",
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
  ];
  assertEquals(wrong.filter(isTraceparent), []);
});
