<?php

// One role of the original, for tests: php node.php start, with what it is in
// PHP_NODE as JSON, since Workerman reads the command line itself.

use GatewayWorker\BusinessWorker;
use GatewayWorker\Gateway;
use GatewayWorker\Register;
use Workerman\Worker;

$node = json_decode(getenv('PHP_NODE'), true);

require_once $node['vendor'] . '/autoload.php';
if (isset($node['events'])) {
    require_once $node['events'];
}

$secretKey = $node['secretKey'];

if ($node['role'] === 'register') {
    $role = new Register('text://' . $node['listen']);
    $role->secretKey = $secretKey;
} elseif ($node['role'] === 'gateway') {
    $role = new Gateway($node['listen']);
    $role->lanIp = '127.0.0.1';
    $role->startPort = $node['startPort'];
    $role->registerAddress = $node['register'];
    $role->secretKey = $secretKey;
} else {
    $role = new BusinessWorker();
    $role->name = $node['name'];
    $role->registerAddress = $node['register'];
    $role->secretKey = $secretKey;
}
$role->count = $node['count'];
if ($node['role'] !== 'register') {
    $role->onWorkerStart = function () use ($node) {
        echo 'ready ', $node['role'], ' ', getmypid(), "\n";
    };
}

Worker::$pidFile = $node['folder'] . '/master.pid';
Worker::$logFile = $node['folder'] . '/log';
Worker::$stdoutFile = $node['folder'] . '/out';
Worker::runAll();
