<?php

require_once __DIR__ . '/vendor/autoload.php';
require_once __DIR__ . '/Events.php';

$worker = new GatewayWorker\BusinessWorker();
$worker->name = 'ChatWorker';
$worker->count = 2;
$worker->registerAddress = '127.0.0.1:1236';

Workerman\Worker::runAll();
