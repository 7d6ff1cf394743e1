// The one error type of sifguard. Any process, any privilege.
//
// Every fallible function returns Result<T>. An Error has a stable code, from which the exit status
// comes that a user sees (exit_status.h), one sentence that says what is wrong and where, and
// optionally what to do about it. Context is prepended as an error rises.
// Library code never logs and never throws for an expected failure.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace sifguard {

enum class Code : int {
  usage = 64,        ///< bad command line or option
  refused = 65,      ///< verification failed: unsigned, wrong signer, tampered, malformed image
  no_input = 66,     ///< the image or an input file is missing, unreadable or not a regular file
  unavailable = 69,  ///< a needed program, server or token is missing or fails
  internal = 70,     ///< a defect of sifguard, or the kernel refused something that it never should
  cannot_write = 73,  ///< a file cannot be written or replaced; the old one is unchanged
  temporary = 75,     ///< no space or no time; trying again later may succeed
  denied = 77,        ///< policy does not allow it
  config = 78,        ///< configuration or keystore is missing, malformed or not trustworthy
  wrong_state = 79,   ///< the named object is in a state that does not allow this
  cancelled = 80,     ///< a person answered no, or there is no terminal to ask at
  absent = 81,  ///< the named object is not in the keystore, or several objects match the name
  exists = 82,  ///< a different object of this name is already there
};

/// The stable lower-case word of a code, for JSON and audit records ("denied").
[[nodiscard]] std::string_view code_name(Code code) noexcept;

class [[nodiscard]] Error {
 public:
  Error(Code code, std::string what, std::string remedy = {}, int error_number = 0)
      : code_(code),
        error_number_(error_number),
        what_(std::move(what)),
        remedy_(std::move(remedy)) {}

  [[nodiscard]] Code code() const noexcept { return code_; }
  /// The exit status of a launch; commands that people run use command_status() of exit_status.h.
  [[nodiscard]] int exit_status() const noexcept;
  /// The errno of the failed system call; 0 if there was none.
  [[nodiscard]] int error_number() const noexcept { return error_number_; }
  [[nodiscard]] const std::string& what() const noexcept { return what_; }
  /// What the reader can do about it; may be empty.
  [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }
  /// The same error with another text.
  [[nodiscard]] Error reworded(std::string what, std::string remedy) const {
    return {code_, std::move(what), std::move(remedy), error_number_};
  }
  /// "what; remedy" on one line, unescaped: escape with printable() before a terminal or log.
  [[nodiscard]] std::string line() const;

  /// Prepends "context: " to what(), as an error rises through layers that know more.
  Error& prepend(std::string_view context) &;
  Error&& prepend(std::string_view context) &&;

 private:
  Code code_;
  int error_number_;
  std::string what_;
  std::string remedy_;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// `return fail(Code::denied, "…")` from any function that returns a Result.
[[nodiscard]] tl::unexpected<Error> fail(Code code, std::string what, std::string remedy = {});

/// Like fail(), with ": " and the message of `error_number` (an errno value) appended. Some errno
/// values have their own code, whatever `code` says (errno_code.h): ENOSPC and EMFILE are
/// temporary, EROFS is config, EIO internal, and so on.
[[nodiscard]] tl::unexpected<Error> fail_errno(Code code, std::string what, int error_number,
                                               std::string remedy = {});

}  // namespace sifguard

#define SG_CONCAT_INNER(a, b) a##b
#define SG_CONCAT(a, b) SG_CONCAT_INNER(a, b)

/// SG_TRY(auto key, load(path)): declares `key`, or returns the error from this function.
#define SG_TRY(declaration, expression) \
  SG_TRY_INNER(SG_CONCAT(sg_result_, __LINE__), declaration, expression)
#define SG_TRY_INNER(result, declaration, expression)            \
  auto result = (expression);                                    \
  if (!result) return tl::unexpected(std::move(result).error()); \
  declaration = *std::move(result)

/// SG_CHECK(save(path)): returns the error of a Status from this function.
#define SG_CHECK(expression)                               \
  do {                                                     \
    auto sg_status = (expression);                         \
    if (!sg_status) {                                      \
      return tl::unexpected(std::move(sg_status).error()); \
    }                                                      \
  } while (false)
