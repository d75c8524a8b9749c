<?php

// A handler for tests: a message {"call": …, "args": […]} calls the API and is answered
// with what came of it, {"do": …} does what no call does, and all else is said back.

use GatewayWorker\Lib\Gateway;

class Events
{
    public static function onConnect($client)
    {
        $_SESSION = ['from' => 'php'];
    }

    public static function onWebSocketConnect($client, $data)
    {
        $_SESSION['query'] = $data['get'];
    }

    public static function onMessage($client, $text)
    {
        $order = json_decode($text, true);
        if (isset($order['call'])) {
            $args = array_map(
                function ($arg) use ($client) {
                    return $arg === '$client' ? $client : $arg;
                },
                $order['args'] ?? []
            );
            $result = call_user_func_array([Gateway::class, $order['call']], $args);
            Gateway::sendToClient($client, json_encode(['result' => $result]));
        } elseif (isset($order['session'])) {
            $_SESSION = array_merge($_SESSION ?? [], $order['session']);
            Gateway::sendToClient($client, json_encode(['session' => $_SESSION]));
        } elseif (isset($order['object'])) {
            $_SESSION['object'] = (object) ['a' => 1];
            Gateway::sendToClient($client, 'kept');
        } elseif ($text === 'session?') {
            Gateway::sendToClient($client, json_encode($_SESSION));
        } else {
            Gateway::sendToClient($client, 'php:' . $text);
        }
    }

    public static function onClose($client)
    {
        if (isset($_SESSION['tell'])) {
            Gateway::sendToUid($_SESSION['tell'], 'closed:' . $client);
        }
    }
}
