import { SECRET } from "../load/requests.ts";

/**
 * radiusd.conf as a tuned server has it: no logging of authentications, no delay of rejects (it would poison a p99), and
 * room for more requests than the generator has identifiers: the default silently drops beyond 16,384. Threads and
 * connections are Debian's defaults, which measured best.
 */
export function ground(server: {
  readonly folder: string;
  readonly port: number;
  readonly modules: string;
  readonly sections: string;
}): string {
  const { folder, port, modules, sections } = server;
  return `
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = ${folder}
run_dir = ${folder}/run
logdir = ${folder}/run
pidfile = ${folder}/run/freeradius.pid
max_requests = 262144
max_request_time = 30
cleanup_delay = 5
hostname_lookups = no
log {
  destination = stdout
  auth = no
}
security {
  max_attributes = 200
  reject_delay = 0
  status_server = no
  allow_vulnerable_openssl = yes
}
thread pool {
  start_servers = 5
  max_servers = 32
  min_spare_servers = 3
  max_spare_servers = 10
  max_requests_per_server = 0
}
modules {
${modules}
}
client benchmark {
  ipaddr = 127.0.0.0/8
  secret = "${SECRET}"
  require_message_authenticator = yes
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
    recv_buff = 4194304
  }
${sections}
}
`;
}
