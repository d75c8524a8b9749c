/** A library whose client is tried. */
export interface Client {
  /** Its name in the table; unique. */
  readonly name: string;
  /** What its programs are written in. */
  readonly language: string;
  /** Packages of Debian; the first one is the library. */
  readonly debian?: readonly string[];
  /** Packages of npm, with versions; the first one is the library. */
  readonly npm?: readonly string[];
  /** What prints the version, where no package tells it. */
  readonly version?: string;
  /** What makes its program, for a shell; `$out` is where to, `$programs` from where. */
  readonly build?: string;
  /** What runs its program, for a shell. */
  readonly run: string;
  /** How many times as long as usual a step may take; 1 if it does not say. */
  readonly patience?: number;
  /** Least bytes of an echo, where nothing goes on after an empty one. */
  readonly echoFrom?: number;
  /** Most bytes of an echo, where more takes it too long or does not always work. */
  readonly echoTo?: number;
  /** Most bytes of the largest message that is tried, for the same reason. */
  readonly largest?: number;
}

const PYTHON: readonly Client[] = [
  {
    name: "websocket-client",
    language: "Python",
    debian: ["python3-websocket"],
    run: "/usr/bin/python3 $programs/websocket_client.py",
  },
  {
    name: "websockets",
    language: "Python",
    debian: ["python3-websockets"],
    run: "/usr/bin/python3 $programs/websockets_client.py",
  },
  {
    name: "aiohttp",
    language: "Python",
    debian: ["python3-aiohttp"],
    run: "/usr/bin/python3 $programs/aiohttp_client.py",
  },
  {
    name: "ws4py",
    language: "Python",
    debian: ["python3-ws4py"],
    run: "/usr/bin/python3 $programs/ws4py_client.py",
  },
  {
    name: "Tornado",
    language: "Python",
    debian: ["python3-tornado"],
    run: "/usr/bin/python3 $programs/tornado_client.py",
  },
  {
    name: "Autobahn",
    language: "Python",
    debian: ["python3-autobahn"],
    run: "/usr/bin/python3 $programs/autobahn_client.py",
  },
  {
    name: "trio-websocket",
    language: "Python",
    debian: ["python3-trio-websocket"],
    run: "/usr/bin/python3 $programs/trio_client.py",
  },
];

const JAVASCRIPT: readonly Client[] = [
  {
    name: "Deno",
    language: "JavaScript",
    version: "deno eval 'console.log(Deno.version.deno)'",
    run: "deno run -A --no-config $programs/web_socket.mjs",
  },
  {
    name: "undici",
    language: "JavaScript",
    npm: ["undici@7.30.2"],
    run: "node $programs/web_socket.mjs undici",
  },
  {
    name: "Bun",
    language: "JavaScript",
    npm: ["bun@1.4.5", "@oven/bun-linux-x64@1.4.5"],
    run:
      "$npm/node_modules/@oven/bun-linux-x64/bin/bun $programs/web_socket.mjs",
  },
  {
    name: "ws",
    language: "JavaScript",
    npm: ["ws@8.23.0"],
    run: "node $programs/ws.cjs",
  },
  {
    name: "faye-websocket",
    language: "JavaScript",
    npm: ["faye-websocket@0.11.4"],
    run: "node $programs/faye.cjs",
  },
  {
    name: "websocket",
    language: "JavaScript",
    npm: ["websocket@1.0.35"],
    run: "node $programs/websocket_node.cjs",
  },
];

const SCRIPTS: readonly Client[] = [
  {
    name: "AnyEvent::WebSocket::Client",
    language: "Perl",
    debian: ["libanyevent-websocket-client-perl"],
    run: "/usr/bin/perl $programs/anyevent.pl",
  },
  {
    name: "Mojolicious",
    language: "Perl",
    debian: ["libmojolicious-perl"],
    run: "/usr/bin/perl $programs/mojo.pl",
  },
  {
    name: "Protocol::WebSocket",
    language: "Perl",
    debian: ["libprotocol-websocket-perl"],
    run: "/usr/bin/perl $programs/protocol_websocket.pl",
    echoFrom: 1,
  },
  {
    name: "faye-websocket.rb",
    language: "Ruby",
    debian: ["ruby-faye-websocket", "ruby"],
    run: "/usr/bin/ruby $programs/faye.rb",
  },
  {
    name: "websocket-driver.rb",
    language: "Ruby",
    debian: ["ruby-websocket-driver", "ruby"],
    run: "/usr/bin/ruby $programs/websocket_driver.rb",
  },
  {
    name: "tcllib",
    language: "Tcl",
    debian: ["tcllib", "tcl"],
    run: "/usr/bin/tclsh $programs/tcllib.tcl",
  },
  {
    name: "websocket.el",
    language: "Emacs Lisp",
    debian: ["elpa-websocket", "emacs-nox"],
    run:
      "emacs -Q --batch -L /usr/share/emacs/site-lisp/elpa-src/websocket-* -l $programs/emacs.el",
    echoTo: 65_536,
    largest: 131_072,
  },
  {
    name: "lua-http",
    language: "Lua",
    debian: ["lua-http", "lua5.1"],
    run: "/usr/bin/lua5.1 $programs/lua_http.lua",
    echoTo: 125,
  },
];

const GO = "GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$out/cache " +
  "go build -o $out/program $programs/steps.go";

const COMPILED: readonly Client[] = [
  {
    name: "gorilla/websocket",
    language: "Go",
    debian: ["golang-github-gorilla-websocket-dev", "golang-go"],
    build: `${GO} $programs/gorilla.go`,
    run: "$out/program",
  },
  {
    name: "nhooyr.io/websocket",
    language: "Go",
    debian: ["golang-nhooyr-websocket-dev", "golang-go"],
    build: `${GO} $programs/nhooyr.go`,
    run: "$out/program",
  },
  {
    name: "x/net/websocket",
    language: "Go",
    debian: ["golang-golang-x-net-dev", "golang-go"],
    build: `${GO} $programs/x_net.go`,
    run: "$out/program",
  },
  {
    name: "websockets.hs",
    language: "Haskell",
    debian: ["libghc-websockets-dev", "ghc"],
    build: "ghc -v0 -outputdir $out -o $out/program $programs/websockets.hs",
    run: "$out/program",
  },
  {
    name: "java.net.http",
    language: "Java",
    debian: ["openjdk-17-jdk-headless"],
    version: "java -version 2>&1 | sed -n 's/.*version \"\\(.*\\)\".*/\\1/p'",
    build: "javac -d $out $programs/Steps.java $programs/Jdk.java",
    run: "java -cp $out Jdk",
  },
  {
    name: "Tomcat",
    language: "Java",
    debian: ["libtomcat9-java", "openjdk-17-jdk-headless"],
    build:
      "javac -cp '/usr/share/java/*' -d $out $programs/Steps.java $programs/Tomcat.java",
    run:
      "java -cp $out:/usr/share/java/tomcat9-websocket.jar:/usr/share/java/tomcat9-websocket-api.jar:/usr/share/java/tomcat9-util.jar:/usr/share/java/tomcat9-juli.jar:/usr/share/java/tomcat9-coyote.jar:/usr/share/java/tomcat9-servlet-api.jar:/usr/share/java/tomcat9-api.jar Tomcat",
  },
  {
    name: "libwebsockets",
    language: "C",
    debian: ["libwebsockets-dev", "gcc", "pkg-config"],
    build:
      "gcc -w -o $out/program $programs/libwebsockets.c $(pkg-config --cflags --libs libwebsockets)",
    run: "$out/program",
  },
  {
    name: "libsoup 2",
    language: "C",
    debian: ["libsoup2.4-dev", "gcc", "pkg-config"],
    build:
      "gcc -w -o $out/program $programs/libsoup.c $(pkg-config --cflags --libs libsoup-2.4)",
    run: "$out/program",
  },
  {
    name: "libsoup 3",
    language: "C",
    debian: ["libsoup-3.0-dev", "gcc", "pkg-config"],
    build:
      "gcc -w -o $out/program $programs/libsoup.c $(pkg-config --cflags --libs libsoup-3.0)",
    run: "$out/program",
  },
  {
    name: "CivetWeb",
    language: "C",
    debian: ["libcivetweb-dev", "gcc"],
    build:
      "gcc -w -o $out/program $programs/civetweb.c -lcivetweb -lpthread -ldl",
    run: "$out/program",
  },
  {
    name: "Ulfius",
    language: "C",
    debian: ["libulfius-dev", "gcc"],
    build: "gcc -w -o $out/program $programs/ulfius.c -lulfius",
    run: "$out/program",
    echoFrom: 1,
  },
  {
    name: "Boost.Beast",
    language: "C++",
    debian: ["libboost-dev", "g++"],
    build: "g++ -w -std=c++17 -o $out/program $programs/beast.cpp -lpthread",
    run: "$out/program",
    largest: 33_554_432,
  },
  {
    name: "websocketpp",
    language: "C++",
    debian: ["libwebsocketpp-dev", "libboost-system-dev", "g++"],
    build:
      "g++ -w -std=c++17 -o $out/program $programs/websocketpp.cpp -lboost_system -lpthread",
    run: "$out/program",
  },
  {
    name: "C++ REST SDK",
    language: "C++",
    debian: ["libcpprest-dev", "libboost-system-dev", "libssl-dev", "g++"],
    build:
      "g++ -w -std=c++17 -o $out/program $programs/cpprest.cpp -lcpprest -lboost_system -lssl -lcrypto -lpthread",
    run: "$out/program",
    echoFrom: 1,
  },
  {
    name: "Poco",
    language: "C++",
    debian: ["libpoco-dev", "g++"],
    build:
      "g++ -w -std=c++17 -o $out/program $programs/poco.cpp -lPocoNet -lPocoFoundation",
    run: "$out/program",
  },
  {
    name: "Qt 5",
    language: "C++",
    debian: ["libqt5websockets5-dev", "g++", "pkg-config"],
    build:
      "g++ -w -fPIC -o $out/program $programs/qt.cpp $(pkg-config --cflags --libs Qt5WebSockets)",
    run: "$out/program",
  },
  {
    name: "Qt 6",
    language: "C++",
    debian: ["qt6-websockets-dev", "g++", "pkg-config"],
    build:
      "g++ -w -std=c++17 -fPIC -o $out/program $programs/qt.cpp $(pkg-config --cflags --libs Qt6WebSockets)",
    run: "$out/program",
  },
];

const BROWSERS: readonly Client[] = [
  {
    name: "Chromium",
    language: "browser",
    debian: ["chromium"],
    run: "deno run -A --no-config $programs/browser.mjs chromium",
    patience: 3,
  },
  {
    name: "Firefox ESR",
    language: "browser",
    debian: ["firefox-esr"],
    run: "deno run -A --no-config $programs/browser.mjs firefox",
    patience: 3,
  },
  {
    name: "WebKitGTK",
    language: "browser",
    debian: ["webkit2gtk-driver", "xvfb", "xauth"],
    run: "deno run -A --no-config $programs/browser.mjs webkit",
    patience: 3,
  },
];

/** All that are tried, in the order of the table. */
export const CLIENTS: readonly Client[] = [
  ...BROWSERS,
  ...JAVASCRIPT,
  ...PYTHON,
  ...SCRIPTS,
  ...COMPILED,
];
