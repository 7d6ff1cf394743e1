// The doors closed behind `sifguard-pgp` and the gpg that it starts.
#include "helper/verify/sandbox/pgp_sandbox.h"

#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "helper/process/forbidden_calls.h"
#include "helper/process/landlock.h"

namespace sifguard {
namespace {

/// The first component of an absolute path: a site may have its gpg, and the libraries of it,
/// anywhere.
std::string tree_of(const std::string& program) {
  return program.substr(0, program.find('/', 1));
}

/// The /proc of a PID namespace of our own shows nobody else; any other stays shut.
bool proc_is_ours() {
  std::array<char, 16> self{};
  const ssize_t length = ::readlink("/proc/self", self.data(), self.size());
  return ::getpid() == 1 && length == 1 && self[0] == '1';
}

}  // namespace

Status enter_pgp_sandbox(const std::string& home, const std::string& gpg) {
  std::vector<std::string> read = {"/usr", "/bin",         "/lib",        "/lib64",
                                   "/etc", "/dev/urandom", "/dev/random", tree_of(gpg)};
  if (proc_is_ours()) read.emplace_back("/proc");
  const std::array<std::string, 2> write = {home, "/dev/null"};
  SG_TRY([[maybe_unused]] const int landlock, keep_only({read, write}));
  return forbid_reaching_out();
}

}  // namespace sifguard
