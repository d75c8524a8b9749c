// golang.org/x/net/websocket, which wants an Origin, and whose Codec tells the kind.
package main

import (
	"io"

	"golang.org/x/net/websocket"
)

type message struct {
	kind string
	data []byte
}

var names = map[byte]string{websocket.TextFrame: "text", websocket.BinaryFrame: "binary"}
var codec = websocket.Codec{
	Marshal: func(value interface{}) ([]byte, byte, error) {
		next := value.(*order)
		if next.kind == "text" {
			return next.data, websocket.TextFrame, nil
		}
		return next.data, websocket.BinaryFrame, nil
	},
	Unmarshal: func(data []byte, kind byte, value interface{}) error {
		*value.(*message) = message{names[kind], data}
		return nil
	},
}

func main() {
	socket, err := websocket.Dial(url(), "", "http://localhost/")
	if err != nil {
		failed(err, 0)
		return
	}
	say(map[string]interface{}{"step": "open"})
	for {
		var got message
		if err := codec.Receive(socket, &got); err == io.EOF {
			closed(0, "")
			return
		} else if err != nil {
			failed(err, 0)
			return
		}
		if next := heard(got.data, got.kind); next != nil {
			codec.Send(socket, next)
		} else if mode() == "echo" {
			socket.WriteClose(1000)
		}
	}
}
