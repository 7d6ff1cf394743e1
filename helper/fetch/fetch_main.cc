// sifguard-fetch URL LIMIT: writes what a web address has to its standard output. Started by
// `sifctl`, which may be root: then it becomes nobody before it touches the network, since what
// libcurl reads is hostile. Otherwise one line on standard error, and status 1.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <exception>

#include "helper/fetch/http.h"
#include "keystore/base/unprivileged.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::int64_t kTimeoutMs = 30000;

Status run(int argc, char** argv) {
  SG_CHECK(become_unprivileged());
  std::size_t limit = 0;
  const std::string_view digits = argc == 3 ? argv[2] : "";
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
  if (problem != std::errc{} || stop != digits.data() + digits.size() || limit == 0) {
    return fail(Code::usage, "usage: sifguard-fetch URL LIMIT");
  }
  SG_TRY(const std::string body, http_get(argv[1], {limit, kTimeoutMs}));
  return write_all(STDOUT_FILENO, body, "the standard output");
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  try {
    const auto done = sifguard::run(argc, argv);
    if (done) return 0;
    std::fprintf(stderr, "%s\n", sifguard::printable(done.error().line()).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", sifguard::printable(error.what()).c_str());
  }
  return 1;
}
