// Poco, its blocking calls, with a buffer that is large enough for echoes.
#include <Poco/Buffer.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/URI.h>
#include "steps.h"

using namespace Poco::Net;

int main(int argc, char **argv) {
  begin(argc, argv);
  Poco::URI uri(url());
  HTTPClientSession session(uri.getHost(), uri.getPort());
  HTTPRequest request(HTTPRequest::HTTP_GET, uri.getPathAndQuery(), "HTTP/1.1");
  HTTPResponse response;
  try {
    WebSocket socket(session, request, response);
    opened();
    while (true) {
      Poco::Buffer<char> buffer(0);
      int flags = 0;
      int size = socket.receiveFrame(buffer, flags);
      int opcode = flags & WebSocket::FRAME_OP_BITMASK;
      if (opcode == WebSocket::FRAME_OP_CLOSE || (size == 0 && flags == 0)) {
        unsigned char *code = (unsigned char *)buffer.begin();
        closed(size >= 2 ? code[0] << 8 | code[1] : size == 0 && flags == 0 ? 1006 : 1005);
        if (listens() && flags != 0) socket.shutdown();
        break;
      }
      if (opcode == WebSocket::FRAME_OP_PING) {
        socket.sendFrame(buffer.begin(), size, WebSocket::FRAME_FLAG_FIN | WebSocket::FRAME_OP_PONG);
        continue;
      }
      int what = heard(buffer.begin(), size, opcode == WebSocket::FRAME_OP_TEXT);
      if (what < 0) socket.shutdown();
      if (what > 0)
        socket.sendFrame(data_, size_, is_text_ ? WebSocket::FRAME_TEXT : WebSocket::FRAME_BINARY);
    }
  } catch (const Poco::Exception &error) {
    failed(response.getStatus() == 101 ? 0 : response.getStatus(), error.displayText().c_str());
  }
}
