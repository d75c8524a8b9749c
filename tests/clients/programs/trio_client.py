"""trio-websocket, on wsproto, with its greatest message raised for echoes."""
import trio
from steps import MODE, URL, echoed, fail, length, orders, say
from trio_websocket import ConnectionClosed, ConnectionRejected, open_websocket_url


async def main():
    limit = {"max_message_size": 2 ** 24} if MODE == "echo" else {}
    async with open_websocket_url(URL, **limit) as socket:
        say("open")
        try:
            if MODE == "listen":
                while True:
                    say("message", size=length(await socket.get_message()))
            await socket.get_message()
            for kind, size, data in orders():
                await socket.send_message(data)
                echoed(kind, size, data, await socket.get_message())
            await socket.aclose(1000)
        except ConnectionClosed:
            pass
        say("closed", code=socket.closed.code, text=socket.closed.reason)


try:
    trio.run(main)
except Exception as error:
    fail(error)
