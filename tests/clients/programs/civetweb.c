// CivetWeb's client. It hands over frames, control frames too.
#include <civetweb.h>
#include <unistd.h>
#include "steps.h"

static volatile int over = 0;
static int code = 1006;

static int on_frame(struct mg_connection *socket, int bits, char *data, size_t size, void *user) {
  int opcode = bits & 15;
  if (opcode == MG_WEBSOCKET_OPCODE_PING)
    mg_websocket_client_write(socket, MG_WEBSOCKET_OPCODE_PONG, data, size);
  if (opcode == MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE) {
    code = size >= 2 ? (unsigned char)data[0] << 8 | (unsigned char)data[1] : 1005;
    mg_websocket_client_write(socket, opcode, data, size);
    return 0;
  }
  if (opcode != MG_WEBSOCKET_OPCODE_TEXT && opcode != MG_WEBSOCKET_OPCODE_BINARY) return 1;
  switch (heard(data, size, opcode == MG_WEBSOCKET_OPCODE_TEXT)) {
    case 1:
      mg_websocket_client_write(
        socket, is_text_ ? MG_WEBSOCKET_OPCODE_TEXT : MG_WEBSOCKET_OPCODE_BINARY, data_, size_);
      break;
    case -1:
      mg_websocket_client_write(socket, MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE, "\x03\xe8", 2);
  }
  return 1;
}

static void on_close(const struct mg_connection *socket, void *user) { over = 1; }

int main(int argc, char **argv) {
  begin(argc, argv);
  mg_init_library(0);
  char host[256], error[256] = "";
  int port, path;
  sscanf(url(), "ws://%255[^:]:%d%n", host, &port, &path);
  struct mg_connection *socket = mg_connect_websocket_client(
    host, port, 0, error, sizeof error, url() + path, NULL, on_frame, on_close, NULL);
  if (socket == NULL) {
    failed(0, error);
    return 0;
  }
  opened();
  while (!over) usleep(10000);
  closed(code);
  return 0;
}
