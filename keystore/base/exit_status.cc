// The exit statuses of all programs, in one table. Any privilege; pure.
#include "keystore/base/exit_status.h"

#include <algorithm>
#include <cerrno>

#include "keystore/base/errno_code.h"

namespace sifguard {
namespace {

const KindOfError& kind_of(Code code) noexcept {
  const auto* const found = std::find_if(kKindsOfErrors.begin(), kKindsOfErrors.end(),
                                         [&](const KindOfError& one) { return one.code == code; });
  if (found != kKindsOfErrors.end()) return *found;
  return kind_of(Code::internal);
}

template <typename Is>
std::optional<Code> first_that(const Is& is) noexcept {
  const auto* const found = std::find_if(kKindsOfErrors.begin(), kKindsOfErrors.end(), is);
  return found == kKindsOfErrors.end() ? std::nullopt : std::optional(found->code);
}

}  // namespace

std::string_view code_name(Code code) noexcept {
  return kind_of(code).name;
}

int Error::exit_status() const noexcept {
  return kind_of(code_).launch;
}

Code code_for_command(const Error& error) noexcept {
  const int number = error.error_number();
  if (number == EACCES || number == EPERM) return Code::denied;
  return code_of_errno(number, error.code());
}

int command_status(Code code) noexcept {
  return kind_of(code).command;
}

std::optional<Code> code_of_command_status(int status) noexcept {
  return first_that([&](const KindOfError& one) { return one.command == status; });
}

std::optional<Code> code_of_launch_status(int status) noexcept {
  return first_that([&](const KindOfError& one) { return one.launch == status; });
}

}  // namespace sifguard
