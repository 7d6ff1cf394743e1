// HTTP for an OCSP responder (RFC 6960 appendix A, RFC 5019), by libmicrohttpd in the caller's own
// thread. Unprivileged; clients are hostile.
//
// It serves GET (and HEAD) …/BASE64, after any path, and POST of application/ocsp-request. It
// limits the connections in total and for one address, the memory of each, the bytes of a request,
// the idle time, and the time for one whole request, however slowly its bytes arrive.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string_view>

#include "keystore/base/fd.h"
#include "keystore/ocsp/answers.h"

struct MHD_Daemon;

namespace sifguard {

struct HttpServerLimits {
  unsigned int connections = 512;
  unsigned int connections_of_one = 64;
  unsigned int idle_seconds = 5;
  std::chrono::milliseconds request{10000};
};

/// A listening socket for "127.0.0.1:2560" or "[::1]:2560". Port 0: any free port. Errors:
/// Code::usage if it is not a numeric address, Code::unavailable when it is in use.
[[nodiscard]] Result<UniqueFd> listen_on(const std::string& address);
/// The actual address of the socket, for messages.
[[nodiscard]] std::string shown_address(int socket);

class HttpServer {
 public:
  using Answer = std::function<OcspReply(std::string_view request)>;

  /// Errors: Code::unavailable when libmicrohttpd cannot start.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(UniqueFd socket, Answer answer,
                                                                 const HttpServerLimits& limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Readable when there is something to do; run() does it, and must be called after wait_ms() at
  /// the latest.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] int wait_ms() const noexcept;
  void run();

  struct Connection {
    int socket;
    std::chrono::steady_clock::time_point busy_since;
  };

 private:
  HttpServer() = default;
  friend struct HttpCallbacks;

  Answer answer_;
  HttpServerLimits limits_;
  std::list<Connection> connections_;
  MHD_Daemon* daemon_ = nullptr;
  int descriptor_ = -1;
};

}  // namespace sifguard
