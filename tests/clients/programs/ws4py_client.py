"""ws4py, its threaded client."""
from steps import MODE, URL, echoed, fail, orders, say
from ws4py.client.threadedclient import WebSocketClient


class Client(WebSocketClient):
    asked = None
    orders = orders()

    def opened(self):
        say("open")

    def closed(self, code, reason=None):
        say("closed", code=code, text=str(reason))

    def unhandled_error(self, error):
        fail(error)

    def received_message(self, message):
        if MODE == "listen":
            return say("message", size=len(message.data))
        if self.asked is not None:
            kind, size, data = self.asked
            echoed(kind, size, data, bytes(message.data) if message.is_binary else message.data.decode())
        self.asked = next(self.orders, None)
        if self.asked is None:
            self.close(1000)
        else:
            kind, _, data = self.asked
            self.send(data, binary=kind == "binary")


try:
    client = Client(URL)
    client.connect()
    client.run_forever()
except Exception as error:
    fail(error)
