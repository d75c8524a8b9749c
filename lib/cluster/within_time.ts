/** Waits for a promise, or for a time in milliseconds; says which it was. */
export async function withinTime(
  promise: Promise<unknown>,
  timeout: number,
): Promise<"done" | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeout);
  });
  try {
    return await Promise.race([promise.then(() => "done" as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
