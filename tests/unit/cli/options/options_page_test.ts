import { assertEquals } from "@std/assert";
import { optionsPage } from "./_options_page.ts";

/** What it says, however its lines and columns are wrapped. */
function content(page: string): string {
  return page.replaceAll(/\|[-| ]+\|\n/g, "").replaceAll(/\s+/g, " ").trim();
}

Deno.test("docs/options.md says what the table of options says", async () => {
  const url = new URL("../../../../docs/options.md", import.meta.url);

  const page = await Deno.readTextFile(url);

  assertEquals(content(page), content(optionsPage()), "run: deno task schema");
});
