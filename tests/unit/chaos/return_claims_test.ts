import { assertEquals } from "@std/assert";
import {
  SentMessages,
  SessionClaims,
  wrongDeliveries,
} from "../../chaos/return_claims.ts";
import type { Told } from "../../chaos/return_handler.ts";

/** What is wrong with what a client was told, `+n` being n told to be missing. */
function wrongOf(...told: string[]): string[] {
  const claims = new SessionClaims(2);
  if (!told.includes("bound")) claims.onBound();
  for (const each of told) {
    if (each.startsWith("+")) claims.onMissed(Number(each));
    else if (each === "bound") claims.onBound();
    else if (each === "no answer") claims.onAnswerMissed();
    else claims.onMessage(each);
  }
  claims.end(true);
  return claims.wrong;
}

function handled(...texts: string[]): Told[] {
  return texts.map((text) => ({
    kind: "message",
    name: "ann",
    id: "1",
    at: "1",
    text: text.replace("again", ""),
    redelivered: text.endsWith("again"),
    worker: 7,
  }));
}

function sent(numbers: number[], claimed: number[]): SentMessages[] {
  const messages = new SentMessages();
  messages.sent.push(...numbers);
  for (const number of claimed) messages.claimed.add(number);
  return [messages];
}

Deno.test("SessionClaims finds nothing in two streams from any number on", () => {
  assertEquals(wrongOf("u7", "g2", "u8", "g3", "u9"), []);
});

Deno.test("SessionClaims takes what is missing if so many were told", () => {
  assertEquals(wrongOf("u7", "g2", "+3", "u9", "g5"), []);
});

Deno.test("SessionClaims lets messages be missing until the client is bound, and none after", () => {
  assertEquals(wrongOf("u7", "u9", "bound", "u11", "g2", "u12"), []);
  assertEquals(wrongOf("u7", "bound", "u9", "g2", "u11"), [
    "1 are missing at u11, 0 were told",
    "1 are missing, and 0 answers at most: 0 were told",
  ]);
  assertEquals(wrongOf("u9", "bound", "u8"), ["u8 came after u9"]);
});

Deno.test("SessionClaims finds what is missing and was not told", () => {
  assertEquals(wrongOf("u7", "g2", "u9"), [
    "1 are missing at u9, 0 were told",
    "1 are missing, and 0 answers at most: 0 were told",
  ]);
});

Deno.test("SessionClaims finds what was told too much, but for answers", () => {
  assertEquals(wrongOf("u7", "g2", "+2", "u9"), [
    "1 are missing, and 0 answers at most: 2 were told",
  ]);
  assertEquals(wrongOf("u7", "g2", "no answer", "+2", "u9"), []);
});

Deno.test("SessionClaims finds what comes twice, and what comes late", () => {
  assertEquals(wrongOf("u7", "g2", "u7"), ["u7 came after u7"]);
  assertEquals(wrongOf("u7", "g2", "+1", "u9", "u8"), ["u8 came after u9"]);
});

Deno.test("wrongDeliveries() finds nothing where each comes once, or marked", () => {
  assertEquals(
    wrongDeliveries(
      "ann",
      sent([1, 2, 3], [1, 2]),
      handled("1", "2", "2again"),
    ),
    [],
  );
});

Deno.test("wrongDeliveries() finds repeats that are not marked, holes, late ones and false claims", () => {
  const found = (claimed: number[], ...texts: string[]) =>
    wrongDeliveries("ann", sent([1, 2, 3], claimed), handled(...texts));

  assertEquals(found([], "1", "1"), ["ann: 1 came twice"]);
  assertEquals(found([], "1", "3"), ["ann: 3 was handled and 2 was not"]);
  assertEquals(found([], "1", "3", "2"), ["ann: 2 came after 3"]);
  assertEquals(found([2], "1"), [
    "ann: 2 was said to be handled, and was not",
  ]);
});

Deno.test("wrongDeliveries() lets what a killed worker sent come late, and nothing else", () => {
  const told = handled("1", "3", "2");
  const found = (...killed: number[]) =>
    wrongDeliveries("ann", sent([1, 2, 3], []), told, new Set(killed));

  assertEquals(found(7), []);
  assertEquals(found(8), ["ann: 2 came after 3"]);
});

Deno.test("wrongDeliveries() finds a second connect and a second close", () => {
  const told = ["connect", "close", "close", "connect"].map((kind) => ({
    ...handled("")[0] as Told,
    kind: kind as Told["kind"],
  }));

  assertEquals(wrongDeliveries("ann", [], told), [
    "ann: a second close of 1",
    "ann: a second connect of 1",
  ]);
});
