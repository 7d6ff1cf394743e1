// The OCSP responder: answers in memory, and over HTTP with one connection that stays open. Server
// and client share one core. Tests only.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "keystore/ca/responder.h"
#include "keystore/ocsp/http_server.h"
#include "keystore/ocsp/responder_keys.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

/// A CA with some certificates, its responder, and a request about one of them.
struct World {
  test::TempDir directory;
  std::optional<OcspAnswers> answers;
  std::string plain, with_nonce;

  World() {
    const Trust trust{::geteuid()};
    const std::int64_t now = ::time(nullptr);
    Keystore::init(directory / "store", trust).value();
    const Keystore keystore = Keystore::open(directory / "store", trust).value();
    CaOptions options;
    options.algorithm = KeyAlgorithm::p256;
    options.subject = "/CN=Root";
    const auto root = parse_one_certificate(init_ca(keystore, options, now)->root).value();
    const Pkey key = generate_key(KeyAlgorithm::p256).value();
    IssueOptions signer;
    signer.profile = Profile::signer;
    signer.name = "carol";
    signer.key = key.get();
    const auto carol = parse_one_certificate(issue_certificate(keystore, signer, now)->pem).value();
    plain = ask_about(carol.get(), root.get(), OcspIdHash::sha1)->request;
    const auto* at = reinterpret_cast<const unsigned char*>(plain.data());
    const OcspRequestHandle request(
        d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(plain.size())));
    OCSP_request_add1_nonce(request.get(), nullptr, 16);
    unsigned char* der = nullptr;
    const int size = i2d_OCSP_REQUEST(request.get(), &der);
    with_nonce.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    renew_responders(keystore, now).value();
    answers.emplace(load_responders(keystore, now).value(), 86400);
    answers->use(ca_index(keystore).value());
  }
};

World& world() {
  static World one;
  return one;
}

const std::string& request_of(const benchmark::State& state) {
  return state.range(0) == 0 ? world().plain : world().with_nonce;
}

void answer(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(world().answers->answer(request_of(state), ::time(nullptr)));
  }
  state.SetItemsProcessed(state.iterations());
}

class Server {
 public:
  Server() {
    UniqueFd socket = listen_on("127.0.0.1:0").value();
    socklen_t size = sizeof address_;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address_), &size);
    http_ = HttpServer::start(std::move(socket),
                              [](std::string_view request) {
                                return world().answers->answer(request, ::time(nullptr));
                              },
                              {})
                .value();
    thread_ = std::thread([this] {
      while (!ended_) {
        pollfd one{http_->descriptor(), POLLIN, 0};
        ::poll(&one, 1, std::min(http_->wait_ms(), 100));
        http_->run();
      }
    });
  }
  ~Server() {
    ended_ = true;
    thread_.join();
  }
  [[nodiscard]] UniqueFd connect() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    return fd;
  }

 private:
  sockaddr_in address_{};
  std::unique_ptr<HttpServer> http_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

void http(benchmark::State& state) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  ::sched_setaffinity(0, sizeof first, &first);
  const Server server;
  const UniqueFd fd = server.connect();
  const std::string& body = request_of(state);
  const std::string whole =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  std::array<char, 8192> answered{};
  for (auto _ : state) {
    if (!write_all(fd.get(), whole, "the server") ||
        ::read(fd.get(), answered.data(), answered.size()) <= 0) {
      state.SkipWithError("the server does not answer");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(answer)->ArgName("nonce")->Arg(0)->Arg(1);
BENCHMARK(http)->ArgName("nonce")->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace sifguard
