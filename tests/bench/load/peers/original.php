<?php

// One role of GatewayWorker on PHP: php original.php start, with what is needed in
// variables, as Workerman reads the command line itself.

use GatewayWorker\BusinessWorker;
use GatewayWorker\Gateway;
use GatewayWorker\Lib\Gateway as Clients;
use GatewayWorker\Register;
use Workerman\Worker;

require_once __DIR__ . '/vendor/autoload.php';

/** Says back what it hears. */
class Handler
{
    public static function onMessage($client, $text)
    {
        Clients::sendToClient($client, $text);
    }
}

$role = getenv('BENCH_ROLE');
$registerAddress = '127.0.0.1:' . getenv('BENCH_REGISTER_PORT');

if ($role === 'register') {
    new Register("text://$registerAddress");
} elseif ($role === 'gateway') {
    $gateway = new Gateway('websocket://127.0.0.1:' . getenv('BENCH_PORT'));
    $gateway->count = 1;
    $gateway->lanIp = '127.0.0.1';
    $gateway->startPort = (int) getenv('BENCH_START_PORT');
    $gateway->registerAddress = $registerAddress;
} else {
    $worker = new BusinessWorker();
    $worker->count = 1;
    $worker->registerAddress = $registerAddress;
    $worker->eventHandler = 'Handler';
}

$files = getenv('BENCH_FOLDER');
Worker::$pidFile = "$files/$role.pid";
Worker::$logFile = "$files/$role.log";
Worker::$stdoutFile = "$files/$role.out";
Worker::runAll();
