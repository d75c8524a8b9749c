/**
 * The version stands in several files, which are to agree.
 *
 * @module
 */
const CHECKOUT = new URL("../../", import.meta.url);
const CHART = "examples/deploy/kubernetes/gatewayworker/Chart.yaml";

/** Headings that the changes of a version may stand under, in their order. */
const KINDS = [
  "Added",
  "Changed",
  "Deprecated",
  "Removed",
  "Fixed",
  "Security",
];

/** Says which files do not agree on the version, or do not say what changed. */
export async function wrongVersions(): Promise<string[]> {
  const { version } = JSON.parse(await read("deno.json"));
  const changelog = await read("CHANGELOG.md");
  const chart = await read(CHART);
  const appVersion = /^appVersion: "(.*)"$/m.exec(chart)?.[1];
  return [
    ...wrongChangelog(changelog, version),
    ...appVersion === version
      ? []
      : [`${CHART} is made for ${appVersion}, this is ${version}`],
  ];
}

/**
 * Says what is wrong with a change log: its newest version must be this one, each older
 * than the one above it, and what changed must stand under the usual headings.
 *
 * @param text What it says.
 * @param version The version of this checkout.
 */
export function wrongChangelog(text: string, version: string): string[] {
  const sections = text.split(/^## /m).slice(1);
  const versions = sections.map((section) => section.split(/[ \n]/)[0] ?? "");
  const wrong: string[] = [];
  if (versions[0] !== version) {
    wrong.push(`CHANGELOG.md begins with ${versions[0]}, this is ${version}`);
  }
  for (const [i, section] of sections.entries()) {
    const name = versions[i] ?? "";
    const next = versions[i + 1];
    if (!/^\S+ \((unreleased|\d{4}-\d{2}-\d{2})\)$/m.test(section)) {
      wrong.push(`${name} in CHANGELOG.md has no date`);
    }
    if (next !== undefined && !isNewer(name, next)) {
      wrong.push(`${next} in CHANGELOG.md comes after ${name}`);
    }
    wrong.push(...wrongKinds(name, section));
  }
  return wrong;
}

function wrongKinds(version: string, section: string): string[] {
  const kinds = [...section.matchAll(/^### (.*)$/gm)].map(([, kind = ""]) =>
    kind
  );
  const expected = KINDS.filter((kind) => kinds.includes(kind));
  return kinds.join() === expected.join() && kinds.length > 0 ? [] : [
    `the changes of ${version} in CHANGELOG.md stand under ${
      kinds.join(", ") || "nothing"
    }, which should be some of ${KINDS.join(", ")}`,
  ];
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((v) => v.split(".").map(Number));
  for (const [i, part] of (a ?? []).entries()) {
    const difference = part - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, CHECKOUT));
}
