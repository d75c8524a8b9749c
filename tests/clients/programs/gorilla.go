// gorilla/websocket, with compression offered.
package main

import (
	"time"

	"github.com/gorilla/websocket"
)

func main() {
	dialer := websocket.Dialer{EnableCompression: true}
	socket, answer, err := dialer.Dial(url(), nil)
	if err != nil {
		status := 0
		if answer != nil {
			status = answer.StatusCode
		}
		failed(err, status)
		return
	}
	say(map[string]interface{}{"step": "open"})
	kinds := map[int]string{websocket.TextMessage: "text", websocket.BinaryMessage: "binary"}
	types := map[string]int{"text": websocket.TextMessage, "binary": websocket.BinaryMessage}
	for {
		kind, data, err := socket.ReadMessage()
		if err != nil {
			if end, is := err.(*websocket.CloseError); is {
				closed(end.Code, end.Text)
			} else {
				failed(err, 0)
			}
			return
		}
		if next := heard(data, kinds[kind]); next != nil {
			socket.WriteMessage(types[next.kind], next.data)
		} else if mode() == "echo" {
			message := websocket.FormatCloseMessage(1000, "")
			socket.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
		}
	}
}
