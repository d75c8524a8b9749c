# faye-websocket, on EventMachine.
require "faye/websocket"
require "eventmachine"
require_relative "steps"

EM.run do
  socket = Faye::WebSocket::Client.new(URL)
  socket.on(:open) { say("open") }
  socket.on(:error) { |event| say("error", text: event.message.to_s, status: socket.status) }
  socket.on(:message) do |event|
    isText = event.data.is_a?(String)
    bytes = isText ? event.data : event.data.pack("C*")
    answer = heard(bytes, isText ? :text : :binary)
    if answer == :leave
      socket.close(1000)
    elsif answer
      socket.send(answer[0] == :text ? answer[2] : answer[2].bytes)
    end
  end
  socket.on(:close) do |event|
    say("closed", code: event.code, text: event.reason)
    EM.stop
  end
end
