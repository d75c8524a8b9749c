<?php

// Tells a room something from outside: php tell.php REGISTER ROOM TEXT

use GatewayClient\Gateway;

require_once __DIR__ . '/vendor/autoload.php';

[, $register, $room, $text] = $argv;
Gateway::$registerAddress = $register;
Gateway::sendToGroup($room, json_encode(['type' => 'told', 'text' => $text]));
echo Gateway::getClientIdCountByGroup($room), " in $room\n";
