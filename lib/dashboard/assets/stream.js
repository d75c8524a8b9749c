/** Server-sent events, read so that a token can be sent along. @module */

import { ask, RefusedError } from "./api.js";

/** Milliseconds of silence after which the Register is taken to be gone. */
const PATIENCE = 5_000;

/** Milliseconds until the next try. */
const PAUSE = 1_000;

/**
 * Listens until the server wants another token: calls `onEvent(name, data)` with each event, `onLost(reason)`
 * when the connection is lost, `onRefused()` at the end.
 */
export async function listen({ onEvent, onLost, onRefused }) {
  for (;;) {
    try {
      await listenOnce(onEvent);
      onLost("The Register has ended");
    } catch (error) {
      if (error instanceof RefusedError) return onRefused();
      onLost(error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function listenOnce(onEvent) {
  const silence = new AbortController();
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => silence.abort(new TypeError("It is silent")),
      PATIENCE,
    );
  };
  wait();
  try {
    const { body } = await ask("/events", { signal: silence.signal });
    const text = body.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const chunk of chunksOf(text)) {
      wait();
      const events = (rest + chunk).split("\n\n");
      rest = events.pop();
      for (const event of events) tell(event, onEvent);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function tell(event, onEvent) {
  const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
  if (name !== undefined) onEvent(name, JSON.parse(data));
}
