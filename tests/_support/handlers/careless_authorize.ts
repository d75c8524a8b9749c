/** What decides on clients, and is as careless as the handler. @module */
export { authorize as default } from "./careless.ts";
