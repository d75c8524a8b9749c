"""Autobahn, on asyncio."""
import asyncio
from urllib.parse import urlparse

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.compress import (
    PerMessageDeflateOffer, PerMessageDeflateResponse, PerMessageDeflateResponseAccept)
from steps import MODE, URL, echoed, orders, say

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


class Client(WebSocketClientProtocol):
    asked = None
    orders = orders()

    def onOpen(self):
        say("open")

    def onMessage(self, payload, isBinary):
        if MODE == "listen":
            return say("message", size=len(payload))
        if self.asked is not None:
            kind, size, data = self.asked
            echoed(kind, size, data, payload if isBinary else payload.decode())
        self.asked = next(self.orders, None)
        if self.asked is None:
            self.sendClose(1000)
        else:
            kind, _, data = self.asked
            self.sendMessage(data.encode() if kind == "text" else data, kind == "binary")

    def onClose(self, wasClean, code, reason):
        say("closed", code=code, text=reason)
        loop.stop()


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


factory = WebSocketClientFactory(URL)
factory.protocol = Client
factory.setProtocolOptions(perMessageCompressionOffers=[PerMessageDeflateOffer()],
                           perMessageCompressionAccept=accept)
url = urlparse(URL)
loop.run_until_complete(loop.create_connection(factory, url.hostname, url.port))
loop.run_forever()
