// What the programs in Java share: the command line, and a JSON line per step.
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

final class Steps {
  record Order(boolean isText, byte[] data) {}

  final boolean listens;
  final String url;
  private final Deque<Order> orders = new ArrayDeque<>();
  private Order asked;

  Steps(String[] args) {
    listens = args[0].equals("listen");
    url = args[1];
    for (int index = 2; index < args.length; index++) {
      int size = Integer.parseInt(args[index]);
      orders.add(new Order(true, filled(size, (byte) 'a')));
      orders.add(new Order(false, filled(size, (byte) 255)));
    }
  }

  private static byte[] filled(int size, byte value) {
    byte[] data = new byte[size];
    Arrays.fill(data, value);
    return data;
  }

  synchronized void say(String format, Object... values) {
    System.out.printf(format + "%n", values);
  }

  void opened() {
    say("{\"step\":\"open\"}");
  }

  void closed(int code) {
    say("{\"step\":\"closed\",\"code\":%d}", code);
  }

  void failed(int status, Throwable problem) {
    String text = String.valueOf(problem).replaceAll("[\"\\\\\\n]", " ");
    String told = status == 0 ? "" : "\"status\":" + status + ",";
    say("{\"step\":\"error\",%s\"text\":\"%s\"}", told, text);
  }

  /** Tells of a message; returns what to send next, null if there is nothing. */
  Order heard(boolean isText, byte[] data) {
    if (listens) {
      say("{\"step\":\"message\",\"size\":%d}", data.length);
      return null;
    }
    if (asked != null) {
      boolean same = asked.isText == isText && Arrays.equals(asked.data, data);
      say("{\"step\":\"echo\",\"kind\":\"%s\",\"size\":%d,\"same\":%s}",
          asked.isText ? "text" : "binary", asked.data.length, same);
    }
    return asked = orders.poll();
  }
}
