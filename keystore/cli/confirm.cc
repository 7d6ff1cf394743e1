// Asking the admin before a step that is final or far-reaching. Runs with the rights of the admin.
#include "keystore/cli/confirm.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {

Status confirm(const std::string& warning, const std::string& word, const std::string& remedy) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return fail(Code::cancelled, "this must be confirmed, and there is no terminal to ask on",
                remedy);
  }
  SG_CHECK(
      write_all(terminal.get(),
                printable(warning) + "\nType " + printable(word) + " to go on: ", "the terminal"));
  std::array<char, 256> line{};
  ssize_t size = 0;
  do {
    size = ::read(terminal.get(), line.data(), line.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return fail_errno(Code::no_input, "cannot read the terminal", errno);
  std::string_view typed(line.data(), static_cast<std::size_t>(size));
  while (!typed.empty() && (typed.back() == '\n' || typed.back() == '\r')) typed.remove_suffix(1);
  if (typed != word) return fail(Code::cancelled, "cancelled, nothing changed");
  return {};
}

}  // namespace sifguard
