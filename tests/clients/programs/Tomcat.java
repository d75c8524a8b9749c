// Tomcat's client, by the Java API for WebSocket, with its buffers raised for echoes.
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import javax.websocket.ClientEndpointConfig;
import javax.websocket.CloseReason;
import javax.websocket.ContainerProvider;
import javax.websocket.Endpoint;
import javax.websocket.EndpointConfig;
import javax.websocket.MessageHandler;
import javax.websocket.Session;

public final class Tomcat extends Endpoint {
  private static final CountDownLatch over = new CountDownLatch(1);
  private static Steps steps;

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    steps.opened();
    session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text ->
        answer(session, steps.heard(true, text.getBytes(StandardCharsets.UTF_8))));
    session.addMessageHandler(byte[].class, (MessageHandler.Whole<byte[]>) data ->
        answer(session, steps.heard(false, data)));
  }

  private static void answer(Session session, Steps.Order next) {
    try {
      if (next == null) {
        if (!steps.listens) session.close();
      } else if (next.isText()) {
        session.getBasicRemote().sendText(new String(next.data(), StandardCharsets.UTF_8));
      } else {
        session.getBasicRemote().sendBinary(ByteBuffer.wrap(next.data()));
      }
    } catch (IOException problem) {
      steps.failed(0, problem);
    }
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    steps.closed(reason.getCloseCode().getCode());
    over.countDown();
  }

  @Override
  public void onError(Session session, Throwable problem) {
    steps.failed(0, problem);
  }

  public static void main(String[] args) throws Exception {
    LogManager.getLogManager().reset();
    steps = new Steps(args);
    var container = ContainerProvider.getWebSocketContainer();
    if (!steps.listens) {
      container.setDefaultMaxTextMessageBufferSize(1 << 24);
      container.setDefaultMaxBinaryMessageBufferSize(1 << 24);
    }
    try {
      var config = ClientEndpointConfig.Builder.create().build();
      container.connectToServer(new Tomcat(), config, URI.create(steps.url));
      over.await();
    } catch (Exception problem) {
      steps.failed(0, problem);
    }
    System.exit(0);
  }
}
