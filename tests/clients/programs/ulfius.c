// Ulfius, with compression offered, its greatest message as it is.
#include <ulfius.h>
#include "steps.h"

static int code = 1006, is_over = 0;

static void answer(struct _websocket_manager *manager, const char *data, size_t size, int is_text) {
  switch (heard(data, size, is_text)) {
    case 1:
      ulfius_websocket_send_message(
        manager, is_text_ ? U_WEBSOCKET_OPCODE_TEXT : U_WEBSOCKET_OPCODE_BINARY, size_, data_);
      break;
    case -1: ulfius_websocket_send_close_signal(manager); is_over = 1;
  }
}

static void on_open(const struct _u_request *request, struct _websocket_manager *manager, void *user) {
  opened();
  while (!is_over && ulfius_websocket_wait_close(manager, 100) == U_WEBSOCKET_STATUS_OPEN);
}

static void on_message(const struct _u_request *request, struct _websocket_manager *manager,
                       const struct _websocket_message *message, void *user) {
  if (message->opcode == U_WEBSOCKET_OPCODE_CLOSE && message->data_len >= 2)
    code = (unsigned char)message->data[0] << 8 | (unsigned char)message->data[1];
  if (message->opcode == U_WEBSOCKET_OPCODE_TEXT || message->opcode == U_WEBSOCKET_OPCODE_BINARY)
    answer(manager, message->data, message->data_len, message->opcode == U_WEBSOCKET_OPCODE_TEXT);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  struct _u_request request;
  struct _u_response response;
  struct _websocket_client_handler handler = {NULL, NULL};
  ulfius_init_request(&request);
  ulfius_init_response(&response);
  ulfius_set_websocket_request(&request, url(), NULL, "permessage-deflate");
  ulfius_add_websocket_client_deflate_extension(&handler);
  int result = ulfius_open_websocket_client_connection(
    &request, on_open, NULL, on_message, NULL, NULL, NULL, &handler, &response);
  if (result != U_OK || response.status != 101) {
    failed(response.status, "cannot connect");
    return 0;
  }
  ulfius_websocket_client_connection_wait_close(&handler, 0);
  closed(is_over ? 1000 : code);
  return 0;
}
