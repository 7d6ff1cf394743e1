// The PIN of a token, and the memory of a refused one. Runs in sifguard-token.
#include "keystore/token/pin.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/text.h"
#include "keystore/base/trusted_file.h"
#include "keystore/token/token.h"
#include "keystore/token/turn.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPin = 256;
constexpr std::size_t kMaxState = 200;
constexpr std::string_view kAccepted = "accepted ";  // before that of one which was right
constexpr std::string_view kHeldBack =
    "held back ";  // before the state of a file that was not tried

std::string path_of(const std::string& source) {
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (source.starts_with(scheme)) return source.substr(scheme.size());
  }
  return source;
}

/// Changes with each writing of the file, and with touch.
std::string state_of(const struct stat& st) {
  std::string text;
  for (const auto number :
       {static_cast<std::int64_t>(st.st_ino), static_cast<std::int64_t>(st.st_size),
        static_cast<std::int64_t>(st.st_mtim.tv_sec),
        static_cast<std::int64_t>(st.st_mtim.tv_nsec)}) {
    text += std::to_string(number) + " ";
  }
  return text;
}

/// What a URI names and is not there is told as everything that is not there.
Error named_file_error(Error error) {
  if (error.error_number() != ENOENT) return error;
  return {Code::absent, error.what(), error.remedy(), ENOENT};
}

}  // namespace

bool is_warned(const CK_TOKEN_INFO& token) noexcept {
  return (token.flags & CKF_USER_PIN_COUNT_LOW) != 0;
}

Status check_tries(const CK_TOKEN_INFO& token) {
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
    return fail(Code::unavailable, "the token's PIN is locked",
                "its security officer can set another one");
  }
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) == 0) return {};
  return fail(Code::unavailable, "one more wrong PIN would lock the token: none is tried",
              "log in by hand with the right one: pkcs11-tool --login --test");
}

Result<PinTry> PinTry::begin(const std::string& source, const CK_TOKEN_INFO& token) {
  PinTry attempt;
  attempt.path_ = path_of(source);
  auto opened = open_trusted_file(attempt.path_, Trust{::geteuid()});
  if (!opened) return tl::unexpected(named_file_error(std::move(opened).error()));
  attempt.file_ = *std::move(opened);
  const int fd = attempt.file_.get();
  struct stat st {};
  if (::flock(fd, LOCK_EX) != 0 || ::fstat(fd, &st) != 0) {
    return fail_errno(Code::config, attempt.path_, errno);
  }
  if ((st.st_mode & 077U) != 0) {
    return fail(Code::config, attempt.path_ + " is accessible to group or others",
                "chmod 0600 " + attempt.path_);
  }
  SG_TRY(attempt.pin_, read_secret(fd, kMaxPin, attempt.path_));
  SecretBytes& pin = attempt.pin_;
  const auto ends = [](std::byte last) {
    return last == std::byte{'\n'} || last == std::byte{'\r'};
  };
  while (!pin.empty() && ends(pin.bytes().back())) pin.shrink(pin.size() - 1);
  attempt.know_file(st, token);
  SG_CHECK(attempt.check(token, false));
  return attempt;
}

Result<PinTry> PinTry::begin(const GivenPin& given, const CK_TOKEN_INFO& token) {
  PinTry attempt;
  SG_TRY(attempt.pin_, SecretBytes::copy_of(given.pin.bytes()));
  attempt.path_ = given.file;
  if (!given.file.empty()) {
    attempt.file_ = UniqueFd(::open(given.file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  struct stat st {};
  const int fd = attempt.file_.get();
  const bool is_file = attempt.file_.valid() && ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  if (is_file && ::flock(fd, LOCK_EX) == 0) attempt.know_file(st, token);
  SG_CHECK(attempt.check(token, given.typed));
  return attempt;
}

void PinTry::know_file(const struct stat& file, const CK_TOKEN_INFO& token) {
  memory_ = path_ + ".refused." + serial_of(token);
  state_ = state_of(file);
}

std::string PinTry::recall() const {
  const UniqueFd fd(::open(memory_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return fd.valid() ? read_to_end(fd.get(), kMaxState, memory_).value_or("") : "";
}

Status PinTry::check(const CK_TOKEN_INFO& token, bool typed) {
  const std::string known = recall();
  if (!known.empty() && known == state_) {
    return fail(Code::unavailable,
                "the token has refused the PIN in " + path_ + ": it is not tried again",
                "write the right one there, or touch it if the token's was corrected");
  }
  SG_CHECK(check_tries(token));
  is_warned_ = is_warned(token);
  return typed || !is_warned_ ? Status() : check_warned(known);
}

/// Whoever has written a file anew that was refused or held back has seen to it: it has one try,
/// and more only if it was right.
Status PinTry::check_warned(const std::string& known) const {
  const std::string held = std::string(kHeldBack) + state_;
  const bool seen_to = !known.empty() && known != held;
  if (seen_to && remember(state_)) return {};
  const bool noted = !seen_to && remember(held);
  return fail(Code::unavailable,
              "the token warns that it was given a wrong PIN: none is tried that nobody types",
              "log in by hand with the right one: pkcs11-tool --login --test" +
                  (noted ? ", or touch " + path_ + " if that is in it" : ""));
}

bool PinTry::remember(const std::string& state) const {
  if (memory_.empty()) return false;
  const UniqueFd fd(::open(
      memory_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  return fd.valid() && write_all(fd.get(), as_bytes(state), memory_).has_value();
}

void PinTry::forget() const noexcept {
  if (!memory_.empty()) ::unlink(memory_.c_str());
}

Status PinTry::end(CK_RV value, const std::string& what) {
  const bool wrong =
      value == CKR_PIN_INCORRECT || value == CKR_PIN_INVALID || value == CKR_PIN_LEN_RANGE;
  // A token that goes on warning takes the right one all the same.
  const bool goes_on = value == CKR_OK && is_warned_ && remember(std::string(kAccepted) + state_);
  if (!wrong && !goes_on) forget();
  if (value == CKR_OK || value == CKR_USER_ALREADY_LOGGED_IN) return {};
  const Error error = fail_token(what, value).value();
  if (!wrong) return tl::unexpected(error);
  const std::string again =
      remember(state_) ? "; it is not tried again until that is written anew" : "";
  return fail(error.code(), error.what(), path_.empty() ? "" : "see the PIN in " + path_ + again);
}

}  // namespace sifguard
