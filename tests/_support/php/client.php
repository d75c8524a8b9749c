<?php

// The original's GatewayClient, for tests: each line of standard input is a call as JSON,
// {"call": …, "args": […]}, and answered with a line.

use GatewayClient\Gateway;

$options = json_decode(getenv('PHP_NODE'), true);

require_once $options['vendor'] . '/autoload.php';

Gateway::$registerAddress = $options['register'];
Gateway::$secretKey = $options['secretKey'];
Gateway::$persistentConnection = $options['persistent'];

while (($line = fgets(STDIN)) !== false) {
    $order = json_decode($line, true);
    try {
        $result = call_user_func_array([Gateway::class, $order['call']], $order['args']);
        echo json_encode(['result' => $result]), "\n";
    } catch (\Throwable $error) {
        echo json_encode(['error' => $error->getMessage()]), "\n";
    }
}
