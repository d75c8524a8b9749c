/** Charts of the last minutes, over uPlot. @module */

/* global uPlot */
import { byId, make } from "./dom.js";
import {
  bytes,
  cores,
  count,
  milliseconds,
  percent,
  rate,
  shortCount,
  shortRate,
} from "./format.js";

/** Seconds that are shown. */
const SPAN = 300;

/** Pixels of a chart, and of one in a column that is narrower than so many. */
const HEIGHT = { wide: 150, narrow: 96 };
const NARROW = 260;

/** Distances of lines in a chart, so that no two have the same figure. */
const STEPS = [...Array(15).keys()].flatMap((power) =>
  [1, 2, 5].map((step) => step * 10 ** power)
);

/** The same for bytes, which are counted in powers of 1024. */
const BYTE_STEPS = [...Array(45).keys()].map((power) => 2 ** power);

const CHARTS = [
  {
    title: "Clients",
    unit: count,
    axisUnit: shortCount,
    steps: STEPS,
    series: { clients: "clients" },
  },
  {
    title: "Messages",
    unit: rate,
    axisUnit: shortRate,
    series: { messagesIn: "in", messagesOut: "out" },
  },
  {
    title: "Latency",
    unit: milliseconds,
    series: { p50: "handler p50", p99: "handler p99", roundTrip: "link" },
  },
  {
    title: "Queued for clients",
    unit: bytes,
    steps: BYTE_STEPS,
    series: { queued: "bytes" },
  },
  {
    title: "Waiting",
    unit: count,
    axisUnit: shortCount,
    steps: STEPS,
    series: { waiting: "events", parkedClients: "parked clients" },
  },
  {
    title: "Fullest window",
    unit: percent,
    full: 1,
    series: { window: "used" },
  },
  {
    title: "Memory",
    unit: bytes,
    steps: BYTE_STEPS,
    series: { memory: "all processes" },
  },
  {
    title: "CPU",
    unit: cores,
    axisUnit: (value) => String(Math.round(value * 100) / 100),
    series: { cpu: "all processes" },
  },
  { title: "Event loop lag", unit: milliseconds, series: { lag: "longest" } },
];

/** Shows the points of the last minutes. */
export class Charts {
  #points = [];
  #charts = [];

  constructor() {
    const place = byId("charts");
    for (const each of CHARTS) {
      const figure = make("figure", {}, make("figcaption", {}, each.title));
      place.append(figure);
      this.#charts.push({ ...each, figure });
    }
    new ResizeObserver(() => this.#resize()).observe(place);
  }

  /** Begins anew with what is remembered. */
  begin(points) {
    this.#points = [...points];
    this.#render();
  }

  /** Takes one more point. */
  add(point) {
    // After the clock was set back, what is remembered lies in the future.
    if (point.time < (this.#points.at(-1)?.time ?? 0)) this.#points = [];
    this.#points.push(point);
    const start = point.time - SPAN * 1000;
    while (this.#points[0].time < start) this.#points.shift();
    this.#render();
  }

  /** Draws with the colours of another theme. */
  repaint() {
    for (const chart of this.#charts) {
      chart.plot?.destroy();
      chart.plot = undefined;
    }
    this.#render();
  }

  #render() {
    // Folded away, a chart has no width.
    if (document.hidden || byId("charts").clientWidth === 0) return;
    for (const chart of this.#charts) {
      chart.plot ??= createPlot(chart);
      chart.plot.setData(this.#dataOf(chart));
    }
  }

  #dataOf({ series }) {
    return [
      this.#points.map(({ time }) => time / 1000),
      ...Object.keys(series).map((name) =>
        this.#points.map((point) => point[name])
      ),
    ];
  }

  #resize() {
    for (const { plot, figure } of this.#charts) {
      if (figure.clientWidth > 0) plot?.setSize(sizeOf(figure));
    }
    this.#render();
  }
}

function sizeOf({ clientWidth: width }) {
  return { width, height: width < NARROW ? HEIGHT.narrow : HEIGHT.wide };
}

function createPlot(
  { figure, series, unit, axisUnit = unit, title, steps, full },
) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const isNarrow = figure.clientWidth < NARROW;
  const axis = {
    stroke: colour("--faint"),
    font: `${isNarrow ? 10 : 12}px system-ui, sans-serif`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  figure.role = "img";
  figure.ariaLabel =
    `${title}, last five minutes: the figures stand above and in the tables`;
  return new uPlot(
    {
      ...sizeOf(figure),
      cursor: { drag: { x: false, y: false } },
      scales: {
        x: { range: (_plot, _min, max) => [max - SPAN, max] },
        y: {
          range: (_plot, _min, max) => [0, full ?? (max > 0 ? max * 1.1 : 1)],
        },
      },
      axes: [
        {
          ...axis,
          values: (_plot, times) => times.map((time) => clock(time)),
          size: isNarrow ? 20 : 26,
          space: 45,
        },
        {
          ...axis,
          ...(steps === undefined ? {} : { incrs: steps }),
          values: (_plot, values) => values.map((value) => axisUnit(value)),
          size: isNarrow ? 48 : 68,
          space: isNarrow ? 24 : 30,
        },
      ],
      series: [
        { label: "at", value: shownValue((time) => clock(time, true)) },
        ...Object.values(series).map((label, i) => ({
          label,
          stroke: colour(`--series-${i + 1}`),
          width: 1.5,
          dash: [[], [6, 3], [2, 3]][i],
          value: shownValue(unit),
        })),
      ],
    },
    [[], ...Object.keys(series).map(() => [])],
    figure,
  );
}

/** Writes the figure under the pointer, or the last one. */
function shownValue(unit) {
  return (plot, value, series) => {
    const found = value ?? plot.data[series].at(-1);
    return found === undefined ? "" : unit(found);
  };
}

function clock(time, withSeconds = false) {
  const text = new Date(time * 1000).toTimeString();
  return text.slice(0, withSeconds ? 8 : 5);
}
