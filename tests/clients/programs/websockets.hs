-- websockets, with compression offered.
{-# LANGUAGE OverloadedStrings #-}
import Control.Exception (SomeException, fromException, try)
import qualified Data.ByteString.Lazy.Char8 as Bytes
import Data.Int (Int64)
import Network.WebSockets
import System.Environment (getArgs)
import System.IO (BufferMode (..), hSetBuffering, stdout)
import Text.Printf (printf)

type Order = (String, Int64, DataMessage)

ordersOf :: [String] -> [Order]
ordersOf sizes = concat [[order "text" n, order "binary" n] | n <- map read sizes]
  where
    order kind n = (kind, n, messageOf kind n)
    messageOf "text" n = Text (Bytes.replicate n 'a') Nothing
    messageOf _ n = Binary (Bytes.replicate n '\255')

bytesOf :: DataMessage -> Bytes.ByteString
bytesOf (Text bytes _) = bytes
bytesOf (Binary bytes) = bytes

isSame :: DataMessage -> DataMessage -> Bool
isSame (Text a _) (Text b _) = a == b
isSame (Binary a) (Binary b) = a == b
isSame _ _ = False

echo :: [Order] -> Connection -> IO ()
echo [] connection = sendCloseCode connection 1000 ("" :: Bytes.ByteString)
echo ((kind, n, message) : rest) connection = do
  sendDataMessage connection message
  answer <- receiveDataMessage connection
  printf "{\"step\":\"echo\",\"kind\":\"%s\",\"size\":%d,\"same\":%s}\n" kind n
    (if isSame message answer then "true" else "false" :: String)
  echo rest connection

listen :: Connection -> IO ()
listen connection = do
  message <- receiveDataMessage connection
  printf "{\"step\":\"message\",\"size\":%d}\n" (Bytes.length (bytesOf message))
  listen connection

tell :: SomeException -> IO ()
tell problem = case fromException problem of
  Just (CloseRequest code _) -> printf "{\"step\":\"closed\",\"code\":%d}\n" code
  _ -> printf "{\"step\":\"error\",\"text\":\"%s\"}\n" (map plain (show problem))
  where plain char = if char `elem` ("\"\\\n" :: String) then ' ' else char

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  mode : url : sizes <- getArgs
  let (address, path) = break (== '/') (drop 5 url)
      (host, port) = break (== ':') address
      options = defaultConnectionOptions
        { connectionCompressionOptions = PermessageDeflateCompression defaultPermessageDeflate }
  result <- try $ runClientWith host (read (tail port)) path options [] $ \connection -> do
    putStrLn "{\"step\":\"open\"}"
    if mode == "listen" then listen connection else do
      _ <- receiveDataMessage connection
      echo (ordersOf sizes) connection
      listen connection
  either tell return result
