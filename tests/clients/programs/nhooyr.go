// nhooyr.io/websocket, with its greatest message raised for echoes.
package main

import (
	"context"
	"errors"

	"nhooyr.io/websocket"
)

func main() {
	forever := context.Background()
	socket, answer, err := websocket.Dial(forever, url(), nil)
	if err != nil {
		status := 0
		if answer != nil {
			status = answer.StatusCode
		}
		failed(err, status)
		return
	}
	say(map[string]interface{}{"step": "open"})
	if mode() == "echo" {
		socket.SetReadLimit(1 << 24)
	}
	kinds := map[websocket.MessageType]string{
		websocket.MessageText: "text", websocket.MessageBinary: "binary"}
	types := map[string]websocket.MessageType{
		"text": websocket.MessageText, "binary": websocket.MessageBinary}
	for {
		kind, data, err := socket.Read(forever)
		var end websocket.CloseError
		if errors.As(err, &end) {
			closed(int(end.Code), end.Reason)
			return
		}
		if err != nil {
			failed(err, 0)
			return
		}
		if next := heard(data, kinds[kind]); next != nil {
			socket.Write(forever, types[next.kind], next.data)
		} else if mode() == "echo" {
			if err := socket.Close(1000, ""); err != nil {
				failed(err, 0)
			} else {
				closed(1000, "")
			}
			return
		}
	}
}
