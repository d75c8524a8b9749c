// libsoup, 2.4 or 3, whichever it is compiled with, with its greatest message raised for echoes.
#include <libsoup/soup.h>
#include "steps.h"

static GMainLoop *loop;
static SoupMessage *request;

static void on_message(SoupWebsocketConnection *socket, gint type, GBytes *bytes, gpointer user) {
  gsize size;
  gconstpointer data = g_bytes_get_data(bytes, &size);
  switch (heard(data, size, type == SOUP_WEBSOCKET_DATA_TEXT)) {
    case -1: soup_websocket_connection_close(socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL); break;
    case 1: {
      GBytes *sent = g_bytes_new(data_, size_);
      soup_websocket_connection_send_message(
        socket, is_text_ ? SOUP_WEBSOCKET_DATA_TEXT : SOUP_WEBSOCKET_DATA_BINARY, sent);
      g_bytes_unref(sent);
    }
  }
}

static void on_error(SoupWebsocketConnection *socket, GError *error, gpointer user) {
  failed(0, error->message);
}

static void on_closed(SoupWebsocketConnection *socket, gpointer user) {
  closed(soup_websocket_connection_get_close_code(socket));
  g_main_loop_quit(loop);
}

static void on_connect(GObject *session, GAsyncResult *result, gpointer user) {
  GError *error = NULL;
  SoupWebsocketConnection *socket =
    soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
  if (socket == NULL) {
#if SOUP_CHECK_VERSION(3, 0, 0)
    failed(soup_message_get_status(request), error->message);
#else
    failed(request->status_code, error->message);
#endif
    return g_main_loop_quit(loop);
  }
  opened();
  if (!listens()) soup_websocket_connection_set_max_incoming_payload_size(socket, 1 << 24);
  g_signal_connect(socket, "message", G_CALLBACK(on_message), NULL);
  g_signal_connect(socket, "error", G_CALLBACK(on_error), NULL);
  g_signal_connect(socket, "closed", G_CALLBACK(on_closed), NULL);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  loop = g_main_loop_new(NULL, FALSE);
  SoupSession *session = soup_session_new();
  request = soup_message_new("GET", url());
#if SOUP_CHECK_VERSION(3, 0, 0)
  soup_session_websocket_connect_async(session, request, NULL, NULL, 0, NULL, on_connect, NULL);
#else
  soup_session_websocket_connect_async(session, request, NULL, NULL, NULL, on_connect, NULL);
#endif
  g_main_loop_run(loop);
  return 0;
}
