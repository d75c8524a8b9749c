"""websocket-client: the blocking calls for echoes, WebSocketApp for listening."""
import websocket
from steps import MODE, URL, echoed, fail, length, orders, say


def echo():
    socket = websocket.create_connection(URL)
    say("open")
    socket.recv()
    for kind, size, data in orders():
        if kind == "text":
            socket.send(data)
        else:
            socket.send_binary(data)
        echoed(kind, size, data, socket.recv())
    socket.close(1000)
    say("closed", code=1000)


def listen():
    app = websocket.WebSocketApp(
        URL,
        on_open=lambda _: say("open"),
        on_data=lambda _app, data, _opcode, _fin: say("message", size=length(data)),
        on_error=lambda _app, error: fail(error),
        on_close=lambda _app, code, reason: code and say("closed", code=code, text=reason),
    )
    app.run_forever()


try:
    echo() if MODE == "echo" else listen()
except Exception as error:
    fail(error)
