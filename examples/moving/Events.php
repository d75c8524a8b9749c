<?php

// A chat with rooms, as a handler of GatewayWorker for PHP; handler.ts is the same one.

use GatewayWorker\Lib\Gateway;

class Events
{
    public static function onWebSocketConnect($client_id, $data)
    {
        $_SESSION['name'] = $data['get']['name'] ?? 'guest';
        $_SESSION['room'] = $data['get']['room'] ?? 'lobby';
        Gateway::joinGroup($client_id, $_SESSION['room']);
        self::tell(['type' => 'in', 'name' => $_SESSION['name']]);
    }

    public static function onMessage($client_id, $message)
    {
        $_SESSION['said'] = ($_SESSION['said'] ?? 0) + 1;
        self::tell(['type' => 'said', 'name' => $_SESSION['name'], 'text' => $message]);
    }

    public static function onClose($client_id)
    {
        if (isset($_SESSION['room'])) {
            self::tell(['type' => 'out', 'name' => $_SESSION['name']]);
        }
    }

    private static function tell($what)
    {
        Gateway::sendToGroup($_SESSION['room'], json_encode($what));
    }
}
