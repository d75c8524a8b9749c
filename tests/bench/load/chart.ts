import { type Figure, FIGURES, spreadOf } from "./figures.ts";
import type { Scenario, ScenarioOutcome } from "./scenario.ts";

const WIDTH = 720;
const LABEL_WIDTH = 150;
const BAR_HEIGHT = 18;
const BAR_GAP = 6;
const TITLE_HEIGHT = 34;

/** One bar of a chart. */
export interface Bar {
  /** What it stands for. */
  readonly label: string;
  /** How long it is. */
  readonly value: number;
}

/**
 * Draws messages per server CPU-second of every server, or bytes per idle client, a
 * group of bars a scenario, as SVG. What only one server does is left out.
 */
export function drawChart(outcomes: readonly ScenarioOutcome[]): string {
  const parts: string[] = [];
  let top = 4;
  for (const { scenario, results } of outcomes) {
    if (Object.keys(results).length < 2) continue;
    const figure = figureOf(scenario);
    const bars = Object.entries(results).map(([label, runs]) => ({
      label,
      value: spreadOf(runs.map(figure.of)).median,
    }));
    parts.push(
      drawBars(`${scenario.title}: ${figure.title}`, bars, top),
    );
    top += TITLE_HEIGHT + bars.length * (BAR_HEIGHT + BAR_GAP) + BAR_GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" ` +
    `font-family="system-ui, sans-serif" font-size="13">\n` +
    `<rect width="100%" height="100%" fill="#ffffff"/>\n${
      parts.join("\n")
    }\n</svg>`;
}

function figureOf({ load }: Scenario): Figure {
  switch (load.mode) {
    case "idle":
      return FIGURES.memory;
    case "start":
      return FIGURES.start;
    default:
      return FIGURES.perCpuSecond;
  }
}

/** Draws one group of bars. */
export function drawBars(
  title: string,
  bars: readonly Bar[],
  top: number,
): string {
  const longest = Math.max(...bars.map(({ value }) => value), 1);
  // Room for the number behind the longest bar.
  const scale = (WIDTH - LABEL_WIDTH - 90) / longest;
  const rows = bars.map(({ label, value }, i) => {
    const y = top + TITLE_HEIGHT + i * (BAR_HEIGHT + BAR_GAP);
    const width = Math.max(value * scale, 1).toFixed(1);
    const color = label.startsWith("ours") ? "#2563eb" : "#94a3b8";
    const end = LABEL_WIDTH + Number(width) + 6;
    return `<text x="${LABEL_WIDTH - 8}" y="${
      y + 13
    }" text-anchor="end" fill="#334155">${escape(label)}</text>` +
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2" fill="${color}"/>` +
      `<text x="${end}" y="${y + 13}" fill="#334155">${
        Math.round(value).toLocaleString("en-US")
      }</text>`;
  });
  const heading = `<text x="8" y="${
    top + 20
  }" font-weight="600" fill="#0f172a">${escape(title)}</text>`;
  return [heading, ...rows].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    ">",
    "&gt;",
  );
}
