// For a Node program under `voiceplat run`: *.plivo.com on port 443 leads to the front.
// NODE_OPTIONS loads it first; NODE_EXTRA_CA_CERTS makes the front's certificate trusted.
'use strict';

const net = require('net');

const FRONT_PORT = Number(process.env.PLIVO_FRONT_PORT);
const PLIVO = /(^|\.)plivo\.com\.?$/i;

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  // (options, listener), or the same two as one list when Node itself calls
  const [options, listener] = Array.isArray(args[0]) ? args[0] : args;
  if (PLIVO.test(options?.host) && Number(options.port) === 443) {
    const front = { ...options, host: '127.0.0.1', port: FRONT_PORT };
    return connect.call(this, front, ...(listener ? [listener] : []));
  }
  return connect.apply(this, args);
};
