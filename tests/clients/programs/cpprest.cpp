// The C++ REST SDK, whose client is websocketpp in another coat.
#include <condition_variable>
#include <cpprest/ws_client.h>
#include "steps.h"

using namespace web::websockets::client;

static concurrency::streams::container_buffer<std::vector<uint8_t>> bytes_of(std::string &text) {
  return std::vector<uint8_t>(text.begin(), text.end());
}

int main(int argc, char **argv) {
  begin(argc, argv);
  websocket_callback_client client;
  std::mutex mutex;
  std::condition_variable wake;
  bool isOver = false;
  client.set_message_handler([&](const websocket_incoming_message &message) {
    bool isText = message.message_type() == websocket_message_type::text_message;
    concurrency::streams::container_buffer<std::string> buffer;
    message.body().read_to_end(buffer).get();
    const std::string &bytes = buffer.collection();
    int what = heard(bytes.data(), bytes.size(), isText);
    if (what < 0) client.close(websocket_close_status::normal);
    if (what <= 0) return;
    websocket_outgoing_message sent;
    std::string copy(data_, size_);
    if (is_text_) sent.set_utf8_message(copy);
    else sent.set_binary_message(bytes_of(copy).create_istream(), size_);
    client.send(sent);
  });
  client.set_close_handler([&](websocket_close_status status, const utility::string_t &, auto &) {
    closed((int)status);
    std::lock_guard<std::mutex> lock(mutex);
    isOver = true;
    wake.notify_all();
  });
  try {
    client.connect(url()).get();
    opened();
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait(lock, [&] { return isOver; });
  } catch (const std::exception &error) {
    failed(0, error.what());
  }
}
