// websocketpp on Boost.Asio; its compression is experimental and not used.
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>
#include "steps.h"

using Client = websocketpp::client<websocketpp::config::asio_client>;
namespace opcode = websocketpp::frame::opcode;

int main(int argc, char **argv) {
  begin(argc, argv);
  Client client;
  client.clear_access_channels(websocketpp::log::alevel::all);
  client.clear_error_channels(websocketpp::log::elevel::all);
  client.init_asio();
  client.set_open_handler([](auto) { opened(); });
  client.set_message_handler([&](auto handle, Client::message_ptr message) {
    const std::string &text = message->get_payload();
    switch (heard(text.data(), text.size(), message->get_opcode() == opcode::text)) {
      case -1: client.close(handle, websocketpp::close::status::normal, ""); break;
      case 1: client.send(handle, data_, size_, is_text_ ? opcode::text : opcode::binary);
    }
  });
  client.set_fail_handler([&](auto handle) {
    auto connection = client.get_con_from_hdl(handle);
    failed(connection->get_response_code(), connection->get_ec().message().c_str());
  });
  client.set_close_handler([&](auto handle) {
    closed(client.get_con_from_hdl(handle)->get_remote_close_code());
  });
  websocketpp::lib::error_code problem;
  client.connect(client.get_connection(url(), problem));
  client.run();
}
