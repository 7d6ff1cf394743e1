// Asking the admin before a step that is final or far-reaching. Runs with the rights of the admin.
#include "keystore/cli/confirm.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr const char* kAsk = "give --yes";

Result<UniqueFd> open_terminal(const std::string& remedy) {
  UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal.valid()) return terminal;
  return fail(Code::cancelled, "this must be confirmed, and there is no terminal to ask on",
              remedy);
}

Result<std::string> answer_to(const std::string& question, const std::string& remedy) {
  SG_TRY(const UniqueFd terminal, open_terminal(remedy));
  LateSignals::deliver();
  SG_CHECK(write_all(terminal.get(), question, "the terminal"));
  std::array<char, 4096> line{};
  ssize_t size = 0;
  do {
    size = ::read(terminal.get(), line.data(), line.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return fail_errno(Code::no_input, "cannot read the terminal", errno);
  if (size == 0) return fail(Code::cancelled, "cancelled, nothing changed");
  std::string_view typed(line.data(), static_cast<std::size_t>(size));
  while (!typed.empty() && (typed.back() == '\n' || typed.back() == '\r')) typed.remove_suffix(1);
  return std::string(typed);
}

}  // namespace

Status check_terminal(const std::string& remedy) {
  if (const auto terminal = open_terminal(remedy); !terminal) {
    return tl::unexpected(terminal.error());
  }
  return {};
}

Status confirm(const std::string& warning, const std::string& word, const std::string& remedy) {
  SG_TRY(const std::string typed,
         answer_to(printable(warning) + "\nType " + printable(word) + " to go on: ", remedy));
  if (typed != word) return fail(Code::cancelled, "cancelled, nothing changed");
  return {};
}

Result<std::string> ask_at_terminal(const std::string& question, const std::string& usual) {
  const std::string shown = usual.empty() ? "" : " [" + printable(usual) + "]";
  SG_TRY(std::string typed, answer_to(printable(question) + shown + ": ", kAsk));
  return typed.empty() ? usual : std::move(typed);
}

}  // namespace sifguard
