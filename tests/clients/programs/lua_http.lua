-- lua-http.
local websocket = require "http.websocket"

io.stdout:setvbuf("line")
local mode, url = arg[1], arg[2]
local orders, asked = {}, nil
for index = 3, #arg do
  local size = tonumber(arg[index])
  orders[#orders + 1] = { kind = "text", size = size, data = ("a"):rep(size) }
  orders[#orders + 1] = { kind = "binary", size = size, data = ("\xff"):rep(size) }
end

local function failed(text)
  print(('{"step":"error","text":"%s"}'):format(tostring(text):gsub('["\\\n]', " ")))
end

local socket = websocket.new_from_uri(url)
local ok, problem = socket:connect(10)
if not ok then
  failed(problem)
  os.exit(0)
end
print('{"step":"open"}')
while true do
  local data, kind, errno = socket:receive()
  if not data then
    if type(socket.got_close_code) == "number" then
      print(('{"step":"closed","code":%d}'):format(socket.got_close_code))
    else
      failed(("%s %s"):format(kind, errno))
    end
    break
  end
  if mode == "listen" then
    print(('{"step":"message","size":%d}'):format(#data))
  else
    if asked then
      local same = kind == asked.kind and data == asked.data
      print(('{"step":"echo","kind":"%s","size":%d,"same":%s}'):format(asked.kind, asked.size, tostring(same)))
    end
    asked = table.remove(orders, 1)
    if not asked then
      socket:close(1000, "")
      print('{"step":"closed","code":1000}')
      break
    end
    socket:send(asked.data, asked.kind)
  end
end
