// What the programs in Go share: the command line, and a JSON line per step.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

type order struct {
	kind string
	data []byte
}

var orders []order

func mode() string { return os.Args[1] }
func url() string  { return os.Args[2] }

func say(facts map[string]interface{}) {
	line, _ := json.Marshal(facts)
	fmt.Println(string(line))
}

func failed(err error, status int) {
	facts := map[string]interface{}{"step": "error", "text": err.Error()}
	if status >= 300 {
		facts["status"] = status
	}
	say(facts)
}

func closed(code int, text string) {
	say(map[string]interface{}{"step": "closed", "code": code, "text": text})
}

func init() {
	for _, each := range os.Args[3:] {
		size, _ := strconv.Atoi(each)
		orders = append(orders, order{"text", bytes.Repeat([]byte("a"), size)})
		orders = append(orders, order{"binary", bytes.Repeat([]byte{255}, size)})
	}
}

var asked *order

// Tells of a message; returns what to send next, nil if there is nothing.
func heard(data []byte, kind string) *order {
	if mode() == "listen" {
		say(map[string]interface{}{"step": "message", "size": len(data)})
		return nil
	}
	if asked != nil {
		same := asked.kind == kind && bytes.Equal(asked.data, data)
		say(map[string]interface{}{
			"step": "echo", "kind": asked.kind, "size": len(asked.data), "same": same})
	}
	asked = nil
	if len(orders) > 0 {
		asked, orders = &orders[0], orders[1:]
	}
	return asked
}
