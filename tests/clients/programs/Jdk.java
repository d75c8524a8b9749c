// java.net.http.WebSocket of the JDK, whose users put messages together themselves.
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

final class Jdk implements WebSocket.Listener {
  private static final CountDownLatch over = new CountDownLatch(1);
  private static Steps steps;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();

  public void onOpen(WebSocket socket) {
    steps.opened();
    socket.request(1);
  }

  public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean isLast) {
    return take(socket, text.toString().getBytes(StandardCharsets.UTF_8), isLast, true);
  }

  public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    return take(socket, bytes, isLast, false);
  }

  private CompletionStage<?> take(WebSocket socket, byte[] bytes, boolean isLast, boolean isText) {
    held.writeBytes(bytes);
    socket.request(1);
    if (!isLast) return null;
    Steps.Order next = steps.heard(isText, held.toByteArray());
    held.reset();
    if (next == null) {
      if (!steps.listens) socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
    } else if (next.isText()) {
      socket.sendText(new String(next.data(), StandardCharsets.UTF_8), true);
    } else {
      socket.sendBinary(ByteBuffer.wrap(next.data()), true);
    }
    return null;
  }

  public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    steps.closed(code);
    over.countDown();
    return null;
  }

  public void onError(WebSocket socket, Throwable problem) {
    steps.failed(0, problem);
    over.countDown();
  }

  public static void main(String[] args) throws Exception {
    steps = new Steps(args);
    try {
      var builder = HttpClient.newHttpClient().newWebSocketBuilder();
      builder.buildAsync(URI.create(steps.url), new Jdk()).join();
      over.await();
    } catch (CompletionException problem) {
      boolean isAnswer = problem.getCause() instanceof WebSocketHandshakeException;
      steps.failed(isAnswer ? ((WebSocketHandshakeException) problem.getCause())
          .getResponse().statusCode() : 0, problem.getCause());
    }
    System.exit(0);
  }
}
