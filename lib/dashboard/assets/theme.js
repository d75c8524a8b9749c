/** Dark, light, or as the system has it. @module */

import { byId, say } from "./dom.js";

const KEY = "gatewayworker-theme";
const THEMES = ["system", "light", "dark"];

/** Makes the button; calls `onChange` when the colours have changed. */
export function createTheme(onChange) {
  let theme = THEMES.find((each) => each === localStorage.getItem(KEY)) ??
    "system";
  const apply = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    say(byId("theme"), `Theme: ${theme}`);
  };
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(KEY, theme);
    apply();
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", onChange);
  apply();
}
