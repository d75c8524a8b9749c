<?php

require_once __DIR__ . '/vendor/autoload.php';

new GatewayWorker\Register('text://127.0.0.1:1236');

Workerman\Worker::runAll();
