// Reading a password or passphrase. Any program that people run.
#include "keystore/base/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/fd.h"
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

/// A terminal that does not echo, until destruction. ^C ends the line instead of the process, so
/// that no signal can leave the terminal silent.
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
  return fail(Code::usage, "the password is too short",
              "use " + std::to_string(kMinNewPassword) + " characters or more");
}

Result<SecretBytes> ask_passphrase(const PassphrasePrompt& prompt) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return fail(Code::usage, prompt.needed + " and there is no terminal", prompt.remedy);
  }
  SG_TRY(SecretBytes line, SecretBytes::allocate(kMaxPassword + 1));
  const SilentTerminal silent(terminal.get());
  if (!silent.good()) return fail_errno(Code::no_input, "cannot silence the terminal", errno);
  SG_CHECK(write_all(terminal.get(), prompt.prompt, "the terminal"));
  ssize_t size = 0;
  do {
    size = ::read(terminal.get(), line.bytes().data(), line.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return fail_errno(Code::no_input, "cannot read the terminal", errno);
  line.shrink(static_cast<std::size_t>(size));
  if (!line.empty() && line.bytes().back() == kInterrupt) {
    return fail(Code::usage, "cancelled");
  }
  if (line.size() > kMaxPassword) return fail(Code::usage, "the password is too long");
  drop_line_end(line);
  return line;
}

}  // namespace sifguard
