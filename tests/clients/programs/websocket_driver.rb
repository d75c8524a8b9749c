# websocket-driver, with a socket of our own.
require "socket"
require "uri"
require "websocket/driver"
require_relative "steps"

class Wire
  attr_reader :url

  def initialize(url)
    @url = url
    uri = URI.parse(url)
    @socket = TCPSocket.new(uri.host, uri.port)
  end

  def write(bytes)
    @socket.write(bytes)
  end

  def read
    @socket.readpartial(65_536)
  rescue EOFError, SystemCallError
    nil
  end
end

wire = Wire.new(URL)
driver = WebSocket::Driver.client(wire)
is_over = false
driver.on(:open) { say("open") }
driver.on(:error) { |error| say("error", text: error.message, status: driver.status) }
driver.on(:close) do |event|
  say("closed", code: event.code, text: event.reason)
  is_over = true
end
driver.on(:message) do |event|
  isText = event.data.is_a?(String)
  answer = heard(isText ? event.data : event.data.pack("C*"), isText ? :text : :binary)
  if answer == :leave
    driver.close(nil, 1000)
  elsif answer
    answer[0] == :text ? driver.text(answer[2]) : driver.binary(answer[2].bytes)
  end
end
driver.start
until is_over
  bytes = wire.read
  break if bytes.nil?
  driver.parse(bytes)
end
