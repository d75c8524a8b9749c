import axe from "axe-core/axe.min.js" with { type: "text" };
import type { Page } from "playwright-core";

/** The serious problems that axe-core finds on a page as it is now. */
export async function problems(page: Page): Promise<string[]> {
  await page.evaluate(`${axe}; undefined`);
  return await page.evaluate(`axe.run().then(({ violations }) =>
    violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
      .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" "))
  )`);
}
