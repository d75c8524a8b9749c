"""aiohttp, which offers compression when asked to, with its greatest message raised for echoes."""
import asyncio

import aiohttp
from steps import MODE, URL, echoed, fail, length, orders, say


async def main():
    limit = {"max_msg_size": 2 ** 24} if MODE == "echo" else {}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(URL, compress=15, **limit) as socket:
            say("open")
            if MODE == "listen":
                async for message in socket:
                    if message.type == aiohttp.WSMsgType.ERROR:
                        fail(socket.exception())
                    else:
                        say("message", size=length(message.data))
            else:
                await socket.receive()
                for kind, size, data in orders():
                    await (socket.send_str if kind == "text" else socket.send_bytes)(data)
                    echoed(kind, size, data, (await socket.receive()).data)
                await socket.close(code=1000)
            say("closed", code=socket.close_code)


try:
    asyncio.run(main())
except Exception as error:
    fail(error)
