/**
 * The files of the page. They are imported as text, so that they come along from
 * wherever this package comes, and are there without network and file system.
 *
 * @module
 */
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import api from "./assets/api.js" with { type: "text" };
import app from "./assets/app.js" with { type: "text" };
import charts from "./assets/charts.js" with { type: "text" };
import clients from "./assets/clients.js" with { type: "text" };
import confirm from "./assets/confirm.js" with { type: "text" };
import clock from "./assets/clock.js" with { type: "text" };
import colors from "./assets/colors.css" with { type: "text" };
import dom from "./assets/dom.js" with { type: "text" };
import forms from "./assets/forms.css" with { type: "text" };
import format from "./assets/format.js" with { type: "text" };
import hints from "./assets/hints.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };
import page from "./assets/index.html" with { type: "text" };
import journal from "./assets/journal.js" with { type: "text" };
import ledger from "./assets/ledger.js" with { type: "text" };
import live from "./assets/live.js" with { type: "text" };
import people from "./assets/people.js" with { type: "text" };
import phone from "./assets/phone.css" with { type: "text" };
import sections from "./assets/sections.js" with { type: "text" };
import state from "./assets/state.js" with { type: "text" };
import stream from "./assets/stream.js" with { type: "text" };
import style from "./assets/style.css" with { type: "text" };
import table from "./assets/table.js" with { type: "text" };
import tables from "./assets/tables.js" with { type: "text" };
import theme from "./assets/theme.js" with { type: "text" };
import tiles from "./assets/tiles.js" with { type: "text" };
import topology from "./assets/topology.js" with { type: "text" };

/** The page itself. */
export const PAGE: string = page;

/** What the page loads, by its name below `/assets/`. */
export const ASSETS: Readonly<Record<string, string>> = {
  "api.js": api,
  "app.js": app,
  "charts.js": charts,
  "clients.js": clients,
  "clock.js": clock,
  "colors.css": colors,
  "confirm.js": confirm,
  "dom.js": dom,
  "forms.css": forms,
  "format.js": format,
  "hints.js": hints,
  "icon.svg": icon,
  "journal.js": journal,
  "ledger.js": ledger,
  "live.js": live,
  "people.js": people,
  "phone.css": phone,
  "sections.js": sections,
  "state.js": state,
  "stream.js": stream,
  "style.css": style,
  "table.js": table,
  "tables.js": tables,
  "theme.js": theme,
  "tiles.js": tiles,
  "topology.js": topology,
  "uplot.css": uplotStyle,
  "uplot.js": uplot,
};
