/** Cuts text into lines; what follows the last line feed is a line too, if there is any. */
export class TextLineStream extends TransformStream<string, string> {
  /** Makes one. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
