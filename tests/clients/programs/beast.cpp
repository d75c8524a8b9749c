// Boost.Beast, with compression offered, its blocking calls.
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <string>
#include "steps.h"

namespace beast = boost::beast;
namespace websocket = beast::websocket;

int main(int argc, char **argv) {
  begin(argc, argv);
  std::string rest = std::string(url()).substr(5);  // ws://
  std::string host = rest.substr(0, rest.find('/')), path = rest.substr(rest.find('/'));
  boost::asio::io_context context;
  websocket::stream<beast::tcp_stream> socket(context);
  websocket::permessage_deflate deflate;
  deflate.client_enable = true;
  socket.set_option(deflate);
  socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
  websocket::response_type answer;
  try {
    auto colon = host.find(':');
    boost::asio::ip::tcp::resolver resolver(context);
    beast::get_lowest_layer(socket).connect(
      resolver.resolve(host.substr(0, colon), host.substr(colon + 1)));
    beast::error_code problem;
    socket.handshake(answer, host, path, problem);
    if (problem) throw beast::system_error(problem);
    opened();
    while (true) {
      beast::flat_buffer buffer;
      socket.read(buffer);
      int what = heard(buffer.data().data(), buffer.size(), socket.got_text());
      if (what < 0) break;
      if (what == 0) continue;
      socket.text(is_text_);
      socket.write(boost::asio::buffer(data_, size_));
    }
    socket.close(websocket::close_code::normal);
    closed(socket.reason().code);
  } catch (const beast::system_error &error) {
    if (error.code() == websocket::error::closed) closed(socket.reason().code);
    else failed(answer.result_int(), error.code().message().c_str());
  }
}
