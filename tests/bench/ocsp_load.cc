// Asks an OCSP responder over HTTP as fast as it answers, and says how fast that was. Tests only.
//   ocsp_load PORT REQUEST SECONDS CONNECTIONS keep|new plain|nonce
// REQUEST: a DER OCSPRequest; with "nonce" one whose last 16 bytes are its nonce, which is new in
// every question and must be in the answer. Every answer is held against HTTP and the OCSP status.
#include <arpa/inet.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kNonce = 16;

struct Load {
  in_port_t port = 0;
  std::string request;
  bool keep = false, nonce = false;
  Clock::time_point end;
};

struct Tally {
  std::vector<float> ms;
  std::string failure;  ///< the first; empty if there was none
};

UniqueFd connect_to(in_port_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  return fd;
}

/// The body of one response; "" when it is not one.
std::string read_response(int fd) {
  std::string text;
  std::size_t whole = std::string::npos;
  std::size_t body = 0;
  while (text.size() < whole) {
    std::array<char, 8192> part{};
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got <= 0) return {};
    text.append(part.data(), static_cast<std::size_t>(got));
    const std::size_t end = text.find("\r\n\r\n");
    if (whole != std::string::npos || end == std::string::npos) continue;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t at = text.find(kLength);
    if (!text.starts_with("HTTP/1.1 200 ") || at > end) return {};
    body = end + 4;
    whole = body + std::strtoul(text.c_str() + at + kLength.size(), nullptr, 10);
  }
  return text.substr(body);
}

/// OCSPResponse: a SEQUENCE in whose beginning the status, an ENUMERATED, is 0: successful.
bool is_answer(const std::string& body, std::string_view nonce) {
  return body.size() > 16 && body[0] == '\x30' &&
         body.substr(0, 8).find(std::string("\x0a\x01\x00", 3)) != std::string::npos &&
         body.find(nonce) != std::string::npos;
}

Tally ask(Load load) {
  Tally tally;
  UniqueFd fd;
  std::string nonce;
  while (Clock::now() < load.end) {
    if (load.nonce) {
      nonce.resize(kNonce);
      if (::getrandom(nonce.data(), kNonce, 0) != static_cast<ssize_t>(kNonce)) std::abort();
      load.request.replace(load.request.size() - kNonce, kNonce, nonce);
    }
    const std::string question =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n" +
        std::string(load.keep ? "" : "Connection: close\r\n") +
        "Content-Length: " + std::to_string(load.request.size()) + "\r\n\r\n" + load.request;
    const auto begin = Clock::now();
    if (!fd.valid()) fd = connect_to(load.port);
    if (!fd.valid() || !write_all(fd.get(), question, "the responder") ||
        !is_answer(read_response(fd.get()), nonce)) {
      tally.failure = "a question was not answered";
      break;
    }
    tally.ms.push_back(std::chrono::duration<float, std::milli>(Clock::now() - begin).count());
    if (!load.keep) fd.reset();
  }
  return tally;
}

int run(int argc, char** argv) {
  if (argc != 7) return 64;
  Load load;
  load.port = static_cast<in_port_t>(std::atoi(argv[1]));
  std::ifstream file(argv[2], std::ios::binary);
  load.request.assign(std::istreambuf_iterator<char>(file), {});
  load.keep = std::string_view(argv[5]) == "keep";
  load.nonce = std::string_view(argv[6]) == "nonce";
  const int seconds = std::atoi(argv[3]);
  if (load.request.size() < kNonce || seconds < 1) return 64;
  load.end = Clock::now() + std::chrono::seconds(seconds);
  std::vector<Tally> tallies(static_cast<std::size_t>(std::max(std::atoi(argv[4]), 1)));
  std::vector<std::thread> clients;
  for (Tally& tally : tallies) clients.emplace_back([&tally, &load] { tally = ask(load); });
  for (std::thread& client : clients) client.join();
  std::vector<float> all;
  for (const Tally& tally : tallies) {
    if (!tally.failure.empty()) {
      std::fprintf(stderr, "ocsp_load: %s\n", tally.failure.c_str());
      return 1;
    }
    all.insert(all.end(), tally.ms.begin(), tally.ms.end());
  }
  std::sort(all.begin(), all.end());
  std::printf("%.0f requests/s, median %.2f ms, 99%% %.2f ms\n",
              static_cast<double>(all.size()) / seconds, static_cast<double>(all[all.size() / 2]),
              static_cast<double>(all[all.size() * 99 / 100]));
  return 0;
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run(argc, argv);
}
