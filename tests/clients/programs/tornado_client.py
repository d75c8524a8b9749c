"""Tornado, without compression: it passes over `client_no_context_takeover` in the answer."""
import asyncio

from steps import MODE, URL, echoed, fail, length, orders, say
from tornado.websocket import websocket_connect


async def main():
    socket = await websocket_connect(URL)
    say("open")
    if MODE == "listen":
        while (data := await socket.read_message()) is not None:
            say("message", size=length(data))
    else:
        await socket.read_message()
        for kind, size, data in orders():
            await socket.write_message(data, binary=kind == "binary")
            echoed(kind, size, data, await socket.read_message())
        socket.close(1000)
        await socket.read_message()
    say("closed", code=socket.close_code, text=socket.close_reason)


try:
    asyncio.run(main())
except Exception as error:
    fail(error)
