/** How long a role that cannot join is waited for before it counts as ready, in milliseconds. */
export const JOIN_TIME = 2_000;

/** What is said of a role that is ready, and of which nobody knows. */
export const UNANSWERED = "; no Register has answered yet";
