import { assertEquals } from "@std/assert";
import { AddressBook } from "../../../lib/roster/address_book.ts";

function unionOf(book: AddressBook): string[] {
  return [...book.union()].sort();
}

Deno.test("AddressBook.union() puts together what several Registers say", () => {
  const book = new AddressBook();

  book.hear("A", ["g1:1", "g2:1"]);
  book.hear("B", ["g2:1", "g3:1"]);

  assertEquals(unionOf(book), ["g1:1", "g2:1", "g3:1"]);
});

Deno.test("AddressBook.hear() replaces what the same Register said before", () => {
  const book = new AddressBook();
  book.hear("A", ["g1:1", "g2:1"]);

  book.hear("A", ["g2:1"]);

  assertEquals(unionOf(book), ["g2:1"]);
});

Deno.test("AddressBook believes a Register that went away until it speaks again", () => {
  const book = new AddressBook();
  book.hear("A", ["g1:1"]);

  book.lose("A");

  assertEquals(unionOf(book), ["g1:1"]);
  book.hear("A", []);
  assertEquals(unionOf(book), []);
});

Deno.test("AddressBook forgets a Register that stays away while another is there", () => {
  const book = new AddressBook();
  book.hear("A", ["g1:1"]);
  book.hear("B", ["g2:1"]);
  book.lose("A");

  book.expire("A");

  assertEquals(unionOf(book), ["g2:1"]);
});

Deno.test("AddressBook forgets nothing while every Register is away", () => {
  const book = new AddressBook();
  book.hear("A", ["g1:1"]);
  book.hear("B", ["g2:1"]);
  for (const register of ["A", "B"]) book.lose(register);
  for (const register of ["A", "B"]) book.expire(register);
  assertEquals(unionOf(book), ["g1:1", "g2:1"]);

  book.hear("B", ["g3:1"]);

  assertEquals(unionOf(book), ["g3:1"]);
});

Deno.test("AddressBook.expire() does nothing to a Register that is back or never spoke", () => {
  const book = new AddressBook();
  book.hear("A", ["g1:1"]);
  book.lose("A");
  book.hear("A", ["g1:1"]);

  book.expire("A");
  book.expire("B");

  assertEquals(unionOf(book), ["g1:1"]);
});
