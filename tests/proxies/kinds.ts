import { join } from "node:path";
import type { Change, Places, ProxyKind } from "./proxy.ts";

/** Both gateways of an example that ends TLS. */
function gatewaysAt({ gateways }: Places): Change[] {
  return gateways.map((port, index) =>
    [
      new RegExp(`127\\.0\\.0\\.1:${8282 + index}(?=["; ]|$)`),
      `127.0.0.1:${port}`,
    ] as const
  );
}

const HAPROXY = {
  packageName: "haproxy",
  program: "haproxy",
  version: "-v",
  args: (config: string) => ["-W", "-db", "-f", config],
  reload: () => "SIGUSR2" as const,
};

const HAPROXY_GUARD =
  /^ *(http-request del-header X-Forwarded-For|option forwardfor)/;

/** HAProxy does not start where it cannot have twice as many descriptors. */
const FEW_DESCRIPTORS = ["maxconn 30000", "maxconn 2000"] as const;

function haproxyChanges(places: Places): Change[] {
  return [
    ...gatewaysAt(places),
    ["bind :443", `bind 127.0.0.1:${places.port}`],
    ["/etc/haproxy/site.pem", `${places.folder}/site.pem`],
    FEW_DESCRIPTORS,
  ];
}

/** What is tried, in the order of the table. */
export const KINDS: readonly ProxyKind[] = [
  {
    name: "nginx",
    packageName: "nginx",
    program: "nginx",
    version: "-v",
    file: "nginx.conf",
    guard: /^ *proxy_set_header X-Forwarded-For /,
    site: { tls: true },
    gateways: "ws",
    changes: (places) => [
      ...gatewaysAt(places),
      ["listen 443", `listen 127.0.0.1:${places.port}`],
      ["/etc/nginx/", `${places.folder}/`],
      ["/run/nginx.pid", `${places.folder}/nginx.pid`],
      // Folders that installing the package makes.
      [/^http \{$/, `http {\n${nginxFolders(places.folder)}`],
    ],
    args: (config) => [
      ...["-e", "stderr", "-c", config],
      ...["-g", "daemon off; error_log stderr warn;"],
    ],
    reload: () => "SIGHUP",
  },
  {
    ...HAPROXY,
    name: "HAProxy",
    file: "haproxy.cfg",
    guard: HAPROXY_GUARD,
    site: { tls: true },
    gateways: "ws",
    changes: haproxyChanges,
  },
  {
    ...HAPROXY,
    name: "HAProxy, HTTP/2",
    file: "haproxy-h2.cfg",
    guard: HAPROXY_GUARD,
    site: { tls: true, http2: true },
    gateways: "ws",
    changes: haproxyChanges,
  },
  {
    ...HAPROXY,
    name: "HAProxy, tcp",
    file: "haproxy-tcp.cfg",
    site: { tls: true },
    gateways: "PROXY wss",
    changes: ({ port, gateways: [one = 0, two = 0] }) => [
      [/127\.0\.0\.1:8443(?= send)/, `127.0.0.1:${one}`],
      [/127\.0\.0\.1:8444(?= send)/, `127.0.0.1:${two}`],
      ["bind :443", `bind 127.0.0.1:${port}`],
      FEW_DESCRIPTORS,
    ],
  },
  {
    name: "Apache",
    packageName: "apache2",
    program: "apache2",
    version: "-v",
    file: "apache.conf",
    guard: /^ *RequestHeader unset X-Forwarded-For /,
    site: { tls: true },
    gateways: "ws",
    changes: (places) => [
      ...gatewaysAt(places),
      ["Listen 443", `Listen 127.0.0.1:${places.port}`],
      ["*:443", `127.0.0.1:${places.port}`],
      [
        /^ServerRoot .*$/,
        `ServerRoot ${places.folder}\nDefaultRuntimeDir ${places.folder}`,
      ],
      ["/etc/apache2/", `${places.folder}/`],
      ["/run/apache2.pid", `${places.folder}/apache2.pid`],
      ["/var/log/apache2/", `${places.folder}/`],
      ["/usr/lib/apache2/", `${places.program.root}/usr/lib/apache2/`],
    ],
    args: (config) => ["-D", "FOREGROUND", "-f", config],
    reload: () => "SIGUSR1",
  },
  {
    name: "Caddy",
    packageName: "caddy",
    program: "caddy",
    version: "version",
    file: "Caddyfile",
    site: { tls: true },
    gateways: "ws",
    changes: (places) => [
      ...gatewaysAt(places),
      ["127.0.0.1:2019", `127.0.0.1:${places.spare}`],
      ["https://chat.example.com", `https://localhost:${places.port}`],
      ["/etc/caddy/", `${places.folder}/`],
    ],
    args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
    reload: (
      config,
    ) => ["reload", "--force", "--adapter", "caddyfile", "--config", config],
  },
  {
    name: "hitch",
    packageName: "hitch",
    program: "hitch",
    version: "--version",
    file: "hitch.conf",
    site: { tls: true },
    gateways: "PROXY ws",
    backends: 1,
    changes: ({ folder, port, gateways: [gateway] }) => [
      ["[127.0.0.1]:8282", `[127.0.0.1]:${gateway}`],
      ["[*]:443", `[127.0.0.1]:${port}`],
      ["/etc/hitch/", `${folder}/`],
    ],
    args: (config) => ["--daemon=off", `--config=${config}`],
    reload: () => "SIGHUP",
  },
  {
    name: "stunnel",
    packageName: "stunnel4",
    program: "stunnel4",
    version: "-version",
    file: "stunnel.conf",
    site: { tls: true },
    gateways: "PROXY ws",
    announces: /Configuration successful/,
    changes: (places) => [
      ...gatewaysAt(places),
      ["0.0.0.0:443", `127.0.0.1:${places.port}`],
      ["/etc/stunnel/", `${places.folder}/`],
      ["/run/stunnel.pid", `${places.folder}/stunnel.pid`],
    ],
    args: (config) => [config],
    reload: () => "SIGHUP",
  },
  {
    name: "lighttpd",
    packageName: "lighttpd",
    program: "lighttpd",
    version: "-v",
    file: "lighttpd.conf",
    site: { tls: false },
    gateways: "ws",
    announces: /server started/,
    changes: ({ folder, port, gateways: [one, two] }) => [
      ['"port" => 8282', `"port" => ${one}`],
      ['"port" => 8283', `"port" => ${two}`],
      ["server.port = 80", `server.bind = "127.0.0.1"\nserver.port = ${port}`],
      ["/var/www/html", folder],
    ],
    args: (config, { root }) => [
      ...["-D", "-f", config],
      ...["-m", join(root, "usr/lib/lighttpd")],
    ],
    reload: () => "SIGUSR1",
  },
];

function nginxFolders(folder: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const lines = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  return `access_log off;\n${lines.join("\n")}`;
}
