/** What the model says, from one word on or another. */
const WORDS = (
  "a gateway holds the connections and a worker thinks about what comes so one of " +
  "them may go while the other stays and whoever was away hears the rest in order " +
  "when the network is back nobody starts anew nothing is said twice and a stop is " +
  "just another message"
).split(" ");

/** How many tokens an answer has. */
const LENGTH = 400;

/** Milliseconds from one token to the next. */
const PACE = 60;

/**
 * Stands in for a language model: says one token after another, by a timer, and the
 * same for the same prompt. Put the stream of a real one in its place.
 *
 * @param prompt What is asked.
 * @param signal Stops it, as `fetch` does.
 * @param pace Milliseconds from one token to the next.
 * @returns The tokens; it throws the signal's reason when it is stopped.
 */
export async function* generate(
  prompt: string,
  signal: AbortSignal,
  pace: number = PACE,
): AsyncGenerator<string, void> {
  yield `You asked “${prompt}”. `;
  for (let each = 0; each < LENGTH; each++) {
    await pause(pace, signal);
    const word = WORDS[(prompt.length + each) % WORDS.length] as string;
    yield each % 12 === 11 ? `${word}. ` : `${word} `;
  }
}

/** Waits, unless it is stopped. */
function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, delay);
    signal.addEventListener("abort", stop, { once: true });
  });
}
