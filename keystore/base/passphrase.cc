// Reading a password or passphrase. Any program that people run.
#include "keystore/base/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "keystore/base/deferrable_signals.h"
#include "keystore/base/fd.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/input_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPassword = 1024;
constexpr std::byte kInterrupt{0x03};  // what ^C types

void drop_line_end(SecretBytes& password) {
  const auto ends_with = [&](char c) {
    return !password.empty() && password.bytes().back() == static_cast<std::byte>(c);
  };
  if (!ends_with('\n')) return;
  password.shrink(password.size() - 1);
  if (ends_with('\r')) password.shrink(password.size() - 1);
}

volatile std::sig_atomic_t noted_signal = 0;  // NOLINT(*-avoid-non-const-global-variables)

void note_signal(int number) {
  noted_signal = number;
}

/// Signals that come meanwhile have their effect when this is destroyed, and before that only end
/// wait_readable(): whoever made the terminal silent can make it speak again. What the process
/// ignores stays ignored. The process has one thread that people talk to.
class DeferredSignals {
 public:
  DeferredSignals() {
    noted_signal = 0;
    const sigset_t deferred = deferrable_signals();
    ::sigprocmask(SIG_BLOCK, &deferred, &mask_);
    struct sigaction note {};
    note.sa_handler = note_signal;
    for (int number = 1; number < NSIG; ++number) {
      if (!is_deferrable(number)) continue;
      struct sigaction& before = before_[static_cast<std::size_t>(number)];
      ::sigaction(number, nullptr, &before);
      if (before.sa_handler != SIG_IGN) ::sigaction(number, &note, nullptr);
    }
  }
  DeferredSignals(const DeferredSignals&) = delete;
  DeferredSignals& operator=(const DeferredSignals&) = delete;
  ~DeferredSignals() {
    for (int number = 1; number < NSIG; ++number) {
      if (!is_deferrable(number)) continue;
      ::sigaction(number, &before_[static_cast<std::size_t>(number)], nullptr);
    }
    if (noted_signal != 0) ::raise(noted_signal);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

  /// False when a signal came first.
  [[nodiscard]] bool wait_readable(int fd) const noexcept {
    struct pollfd wanted = {fd, POLLIN, 0};
    while (noted_signal == 0) {
      if (::ppoll(&wanted, 1, nullptr, &mask_) >= 0 || errno != EINTR) break;
    }
    return noted_signal == 0;
  }

 private:
  sigset_t mask_{};
  std::array<struct sigaction, NSIG> before_{};  ///< by number
};

/// A terminal that does not echo, until destruction. ^C ends the line instead of the process.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) return;
    struct termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_lflag |= ECHONL;
    silent.c_cc[VEOL] = std::to_integer<cc_t>(kInterrupt);
    good_ = ::tcsetattr(fd, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (good_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  int fd_;
  struct termios before_ {};
  bool good_ = false;
};

/// nullopt when a signal came, and the process has outlived it: stopped and continued, for one.
Result<std::optional<SecretBytes>> ask_once(int terminal, const PassphrasePrompt& prompt) {
  SG_TRY(SecretBytes line, SecretBytes::allocate(kMaxPassword + 1));
  const DeferredSignals signals;
  const SilentTerminal silent(terminal);
  if (!silent.good()) return fail_errno(Code::no_input, "cannot silence the terminal", errno);
  SG_CHECK(write_all(terminal, prompt.prompt, "the terminal"));
  if (!signals.wait_readable(terminal)) return std::nullopt;
  ssize_t size = 0;
  do {
    size = ::read(terminal, line.bytes().data(), line.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return fail_errno(Code::no_input, "cannot read the terminal", errno);
  line.shrink(static_cast<std::size_t>(size));
  if (!line.empty() && line.bytes().back() == kInterrupt) {
    return fail(Code::cancelled, "cancelled");
  }
  if (line.size() > kMaxPassword) return fail(Code::refused, "the password is too long");
  drop_line_end(line);
  return std::optional(std::move(line));
}

}  // namespace

Result<SecretBytes> read_passphrase_file(const std::string& file) {
  SG_TRY(SecretBytes passphrase, read_input_secret(file, kMaxPassword));
  drop_line_end(passphrase);
  return passphrase;
}

Result<SecretBytes> read_passphrase_fd(int fd) {
  SG_TRY(SecretBytes passphrase, read_secret(fd, kMaxPassword, "descriptor " + std::to_string(fd)));
  drop_line_end(passphrase);
  return passphrase;
}

Status check_new_password(const SecretBytes& password) {
  if (password.size() >= kMinNewPassword) return {};
  return fail(Code::refused, "the password is too short",
              "use " + std::to_string(kMinNewPassword) + " characters or more");
}

Result<SecretBytes> ask_passphrase(const PassphrasePrompt& prompt) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return fail(Code::cancelled, prompt.needed + " and there is no terminal", prompt.remedy);
  }
  LateSignals::deliver();
  for (;;) {
    SG_TRY(auto line, ask_once(terminal.get(), prompt));
    if (line) return *std::move(line);
  }
}

}  // namespace sifguard
