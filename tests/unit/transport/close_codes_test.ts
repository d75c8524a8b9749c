import { assertEquals, assertThrows } from "@std/assert";
import {
  CLOSE_CAUSES,
  closeReason,
  DEFAULT_CLOSE_CODES,
  isCloseCode,
  resolveCloseCodes,
} from "../../../lib/transport/close_codes.ts";

/**
 * What a received code must be for websocket-client for Python and others that know the
 * codes of RFC 6455 alone, and take any other one for a broken protocol.
 */
function isOfTheRfc(code: number): boolean {
  const known = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
  return known.includes(code) || (code >= 3000 && code <= 4999);
}

Deno.test("every default close code arrives at libraries that know the RFC's alone", () => {
  assertEquals(Object.values(DEFAULT_CLOSE_CODES).filter(isOfTheRfc), [
    4013,
    4008,
    1008,
    4002,
    4001,
  ]);
});

Deno.test("resolveCloseCodes() changes what is given, and nothing else", () => {
  assertEquals(resolveCloseCodes(), DEFAULT_CLOSE_CODES);
  assertEquals(resolveCloseCodes({ noWorker: 1013 }), {
    ...DEFAULT_CLOSE_CODES,
    noWorker: 1013,
  });
  assertEquals(DEFAULT_CLOSE_CODES.noWorker, 4013);
});

Deno.test("resolveCloseCodes() refuses codes that nobody may send, or that accuse the client", () => {
  const bad = [0, 999, 1002, 1004, 1005, 1006, 1009, 1015, 2999, 5000, 4000.5];

  assertEquals(bad.filter(isCloseCode), []);
  for (const cause of CLOSE_CAUSES) {
    assertThrows(
      () => resolveCloseCodes({ [cause]: 1006 }),
      RangeError,
      `closeCodes.${cause} must be 1000, 1001, 1008, 1011, 1012, 1013, or 3000 to 4999: current value is 1006`,
    );
  }
});

Deno.test("closeReason() says why, whatever the code", () => {
  assertEquals(
    closeReason("slow", resolveCloseCodes({ slow: 4200 })),
    { code: 4200, reason: "slow consumer" },
  );
});
