"""websockets, with its greatest message raised for echoes."""
import asyncio

import websockets
from steps import MODE, URL, echoed, fail, length, orders, say


async def main():
    limit = {"max_size": 2 ** 24} if MODE == "echo" else {}
    async with websockets.connect(URL, **limit) as socket:
        say("open")
        try:
            if MODE == "listen":
                async for data in socket:
                    say("message", size=length(data))
            else:
                await socket.recv()
                for kind, size, data in orders():
                    await socket.send(data)
                    echoed(kind, size, data, await socket.recv())
                await socket.close(1000)
        except websockets.ConnectionClosed:
            pass
        say("closed", code=socket.close_code, text=socket.close_reason)


try:
    asyncio.run(main())
except Exception as error:
    fail(error)
