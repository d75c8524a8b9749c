<?php

require_once __DIR__ . '/vendor/autoload.php';

$gateway = new GatewayWorker\Gateway('websocket://127.0.0.1:7272');
$gateway->name = 'ChatGateway';
$gateway->count = 2;
$gateway->lanIp = '127.0.0.1';
$gateway->startPort = 2900;
$gateway->registerAddress = '127.0.0.1:1236';

Workerman\Worker::runAll();
