// sifguard-fetch URL LIMIT: writes the content of a web address to its standard output.
// sifguard-fetch trust: reads from its standard input what to fetch, and writes the results
// (keystore/x509/fetched_item.h). Started by `sifctl`, which may be root: then it becomes
// sifguard-fetch before it touches the network, since what it reads is hostile. On failure it
// writes one line on standard error and ends with status 1.
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <exception>

#include "helper/fetch/http.h"
#include "helper/fetch/trust_fetch.h"
#include "keystore/base/fd.h"
#include "keystore/base/main.h"
#include "keystore/base/text.h"
#include "keystore/base/unprivileged.h"

namespace sifguard {
namespace {

constexpr std::int64_t kTimeoutMs = 30000;

/// Its output goes to memory of the one who started it.
Status limit_output() {
  const rlimit limit{kMaxFetched, kMaxFetched};
  if (::setrlimit(RLIMIT_FSIZE, &limit) == 0) return {};
  return fail(Code::internal, "cannot limit the output");
}

Status run_trust() {
  SG_CHECK(limit_output());
  SG_TRY(const std::string question, read_to_end(STDIN_FILENO, kMaxFetched, "the standard input"));
  SG_TRY(const auto wanted, decode_items(question));
  SG_TRY(const auto items, fetch_trust(wanted, ::time(nullptr)));
  return write_all(STDOUT_FILENO, encode_items(items), "the standard output");
}

Status run(int argc, char** argv) {
  SG_CHECK(become_unprivileged("sifguard-fetch"));
  if (argc == 2 && std::string_view(argv[1]) == "trust") return run_trust();
  std::size_t limit = 0;
  const std::string_view digits = argc == 3 ? argv[2] : "";
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
  if (problem != std::errc{} || stop != digits.data() + digits.size() || limit == 0) {
    return fail(Code::usage, "usage: sifguard-fetch URL LIMIT, or sifguard-fetch trust");
  }
  SG_TRY(const std::string body, http_get(argv[1], {limit, kTimeoutMs}));
  return write_all(STDOUT_FILENO, body, "the standard output");
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::answering_main([&] { return sifguard::run(argc, argv); });
}
