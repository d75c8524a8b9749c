/**
 * The README and the first guide, followed as a new user does; the other pages take
 * longer: `deno task guides`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Tour } from "./tour.ts";

Deno.test({
  name: "README and Getting started work as they are written",
  fn: async (test) => {
    const tour = await Tour.prepare({
      network: false,
      time: false,
      prefix: `gwgt${Deno.pid}-`,
    });
    const { obstacle } = tour;
    if (obstacle !== undefined) {
      const name = `cannot be followed here: ${obstacle}`;
      await test.step({ name, ignore: true, fn: () => {} });
      return;
    }
    const pages = ["README.md", "docs/getting-started.md"];
    // Side by side where each has a network of its own.
    const outcomes = tour.isApart
      ? await Promise.all(pages.map((path) => tour.follow(path)))
      : [await tour.follow("README.md"), await tour.follow(pages[1] ?? "")];

    assertEquals(outcomes.map(({ failure }) => failure), [
      undefined,
      undefined,
    ]);
  },
});
