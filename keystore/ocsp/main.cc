// sifguard-ocspd KEYSTORE ADDR:PORT HOURS: the OCSP responder of a CA; started by `sifctl ca ocsp
// serve` as the owner of the keystore.
//
// Two processes. One opens keystore, responder keys and port, becomes sifguard-ocsp if it was root,
// and only then listens to clients. The other keeps its rights, reads nothing from anybody, and
// hands the first one each new version of the index. Either ends when the other does.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <exception>

#include "keystore/base/forked_part.h"
#include "keystore/base/main.h"
#include "keystore/base/text.h"
#include "keystore/base/unprivileged.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/ocsp/http_server.h"
#include "keystore/ocsp/index_watch.h"
#include "keystore/ocsp/responder_keys.h"

namespace sifguard {
namespace {

constexpr int kMaxHours = 24 * 30;
constexpr std::int64_t kHour = 3600;

struct Options {
  std::string keystore, address;
  std::int64_t validity = 0;
};

void say(const std::string& text) {
  std::fprintf(stderr, "sifguard-ocspd: %s\n", printable(text).c_str());
}

Result<Options> read_arguments(int argc, char** argv) {
  int hours = 0;
  const std::string_view digits = argc == 4 ? argv[3] : "";
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), hours);
  if (problem != std::errc{} || stop != digits.data() + digits.size() || hours < 1 ||
      hours > kMaxHours) {
    return fail(Code::usage, "usage: sifguard-ocspd KEYSTORE ADDR:PORT HOURS");
  }
  return Options{argv[1], argv[2], hours * kHour};
}

/// A version that cannot be read changes nothing: what was known stays. One that revokes a
/// responder's own certificate ends the program.
Status take_index(OcspAnswers& answers, int channel) {
  auto text = receive_index(channel);
  if (!text && text.error().code() == Code::unavailable) {
    return tl::unexpected(std::move(text).error());
  }
  const auto index = text ? parse_ca_index(*text, "the index of the CA")
                          : Result<CaIndex>(tl::unexpected(text.error()));
  if (index) return answers.use(*index);
  say(index.error().line());
  return {};
}

Status serve(const Options& options, int channel) {
  SG_CHECK(harden_process());
  SG_CHECK(protect_openssl_memory());
  SG_TRY(const Keystore keystore, Keystore::open(options.keystore, Trust{::geteuid()}));
  SG_TRY(auto responders, load_responders(keystore, ::time(nullptr)));
  SG_TRY(UniqueFd socket, listen_on(options.address));
  SG_CHECK(become_unprivileged("sifguard-ocsp"));
  SG_CHECK(harden_process());  // again: a change of user may undo it
  const std::string address = shown_address(socket.get());
  OcspAnswers answers(std::move(responders), options.validity);
  SG_CHECK(take_index(answers, channel));
  SG_TRY(const auto server, HttpServer::start(std::move(socket),
                                              [&](std::string_view request) {
                                                return answers.answer(request, ::time(nullptr));
                                              },
                                              {}));
  say("answering on " + address);
  for (;;) {
    std::array<pollfd, 2> both = {{{server->descriptor(), POLLIN, 0}, {channel, POLLIN, 0}}};
    if (::poll(both.data(), both.size(), server->wait_ms()) < 0 && errno != EINTR) {
      return fail_errno(Code::internal, "cannot wait for requests", errno);
    }
    if (both[1].revents != 0) SG_CHECK(take_index(answers, channel));
    server->run();
  }
}

/// The status of the child, which does not end by itself but for an error.
int watch(const Options& options, int channel, pid_t child) {
  const std::string path = options.keystore + "/ca/index.json";
  const Status watched = send_index_changes(channel, path, Trust{::geteuid()});
  if (!watched) say(watched.error().line());
  const auto status = wait_for_part(child);
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : 70;
}

int report(const Error& error) {
  say(error.line());
  return error.exit_status();
}

int answer_clients(const Options& options, int channel) {
  const Status served = serve(options, channel);
  return served ? 0 : report(served.error());
}

int run(int argc, char** argv) {
  const auto options = read_arguments(argc, argv);
  if (!options) return report(options.error());
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) return 70;
  UniqueFd ours(pair[0]);
  UniqueFd theirs(pair[1]);
  const pid_t child = fork_part([&] {
    ours.reset();
    return guarded_main("sifguard-ocspd", [&] { return answer_clients(*options, theirs.get()); });
  });
  if (child < 0) return report(Error(Code::temporary, "cannot start a process"));
  theirs.reset();
  return watch(*options, ours.get(), child);
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::guarded_main("sifguard-ocspd", [&] { return sifguard::run(argc, argv); });
}
