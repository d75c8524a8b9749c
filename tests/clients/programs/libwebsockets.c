// libwebsockets, with compression offered, as its own examples do.
#include <libwebsockets.h>
#include "steps.h"

static int ended = 0, code = 1006, leaving = 0, sending = 0;
static char *message = NULL;
static size_t length = 0;
static const struct lws_extension extensions[] = {
  {"permessage-deflate", lws_extension_callback_pm_deflate,
   "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
  {NULL, NULL, NULL}};

static int on(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED: opened(); break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      failed((int)lws_http_client_http_response(wsi), in ? (const char *)in : "");
      ended = 1;
      break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      if (len >= 2) code = ((unsigned char *)in)[0] << 8 | ((unsigned char *)in)[1];
      break;
    case LWS_CALLBACK_CLIENT_CLOSED: closed(leaving ? 1000 : code); ended = 1; break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      message = (char *)realloc(message, length + len + 1);
      memcpy(message + length, in, len);
      length += len;
      if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi)) break;
      leaving = heard(message, length, !lws_frame_is_binary(wsi)) < 0;
      length = 0;
      if (listens()) break;
      sending = 1;
      lws_callback_on_writable(wsi);
      break;
    case LWS_CALLBACK_CLIENT_WRITEABLE: {
      if (leaving) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
      }
      if (!sending) break;  // it asks for its own sake, too
      sending = 0;
      unsigned char *buffer = (unsigned char *)malloc(LWS_PRE + size_);
      memcpy(buffer + LWS_PRE, data_, size_);
      lws_write(wsi, buffer + LWS_PRE, size_, is_text_ ? LWS_WRITE_TEXT : LWS_WRITE_BINARY);
      free(buffer);
      break;
    }
    default: break;
  }
  return 0;
}

int main(int argc, char **argv) {
  begin(argc, argv);
  lws_set_log_level(0, NULL);
  static const struct lws_protocols protocols[] = {{"none", on, 0, 65536, 0, NULL, 0}, {0}};
  struct lws_context_creation_info info = {0};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  struct lws_context *context = lws_create_context(&info);
  char path[512], *copy = strdup(url());
  const char *scheme, *address, *rest;
  int port;
  lws_parse_uri(copy, &scheme, &address, &port, &rest);
  snprintf(path, sizeof path, "/%s", rest);
  struct lws_client_connect_info to = {0};
  to.context = context;
  to.port = port;
  to.address = to.host = to.origin = address;
  to.path = path;
  to.local_protocol_name = "none";
  to.client_exts = extensions;
  if (lws_client_connect_via_info(&to) == NULL) failed(0, "cannot connect");
  while (!ended && lws_service(context, 0) >= 0);
  return 0;
}
