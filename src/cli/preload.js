/* Read by Node before the program that `drydial serve --run` runs: Node itself obeys no proxy. Sockets
   to the platform's hosts are opened to the stand-in, which knows TLS when it sees it; what is on this
   machine is left alone. */
'use strict';
(() => {
  const net = require('net');
  const port = Number(process.env.DRYDIAL_PROXY_PORT);
  const through = process.env.DRYDIAL_PASS_THROUGH === '1';
  if (!port) return;
  const open = net.Socket.prototype.connect;
  const ours = (host) => /(^|\.)exotel\.(com|in)\.?$/i.test(host);
  const local = (host) => /^(localhost|.+\.localhost|127(\.\d+){3}|::1|0\.0\.0\.0|::ffff:127\..*)\.?$/i.test(host);

  /* the stand-in lists at the end which hosts were wanted */
  const tell = (host, at) => {
    const s = open.call(new net.Socket(), { host: '127.0.0.1', port });
    s.on('error', () => {});
    s.end(`CONNECT ${host.includes(':') ? `[${host}]` : host}:${at || 443} HTTP/1.1\r\n\r\n`);
    s.resume();
  };

  net.Socket.prototype.connect = function connect(...args) {
    const whole = Array.isArray(args[0]);
    const first = whole ? args[0][0] : args[0];
    let host, at;
    if (first && typeof first === 'object') {
      if (!first.path) [host, at] = [first.host, first.port];
    } else if (typeof first === 'number' || /^\d+$/.test(first)) {
      [host, at] = [typeof args[1] === 'string' ? args[1] : undefined, Number(first)];
    }
    if (typeof host !== 'string' || !host || local(host)) return open.apply(this, args);
    if (!ours(host)) {
      if (through) return open.apply(this, args);
      tell(host, at);
      const error = new Error(`drydial: ${host} is no host of the platform, and a rehearsal reaches no other; --pass-through lets them be reached`);
      process.nextTick(() => this.destroy(Object.assign(error, { code: 'ECONNREFUSED', syscall: 'connect', address: host, port: at })));
      return this;
    }
    const there = { host: '127.0.0.1', port };
    if (whole) args[0][0] = { ...first, ...there };
    else if (typeof first === 'object') args[0] = { ...first, ...there };
    else args.splice(0, 2, port, '127.0.0.1');
    return open.apply(this, args);
  };
})();
