/** Answers the word `s7` of a client with `e7`. @module */
import { defineHandler } from "../../mod.ts";

export default defineHandler({
  message: (event) => event.text().replace("s", "e"),
});
