// The one error type of sifguard. Any process, any privilege.
#include "keystore/base/error.h"

#include <cerrno>
#include <system_error>

namespace sifguard {

std::string Error::line() const {
  return remedy_.empty() ? what_ : what_ + "; " + remedy_;
}

Error& Error::prepend(std::string_view context) & {
  what_.insert(0, std::string(context) + ": ");
  return *this;
}

Error&& Error::prepend(std::string_view context) && {
  prepend(context);
  return std::move(*this);
}

tl::unexpected<Error> fail(Code code, std::string what, std::string remedy) {
  return tl::unexpected(Error(code, std::move(what), std::move(remedy)));
}

namespace {

/// The trouble of a disk has one status, whoever meets it. For who only writes one file, like
/// sif-sign, all that keeps it from that is cannot_write.
Code code_of(int error_number, Code otherwise) noexcept {
  if (otherwise == Code::cannot_write) return otherwise;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Code::temporary;
    case EROFS:
      return Code::config;
    case EIO:
      return Code::internal;
    default:
      return otherwise;
  }
}

}  // namespace

tl::unexpected<Error> fail_errno(Code code, std::string what, int error_number,
                                 std::string remedy) {
  code = code_of(error_number, code);
  what += ": " + std::generic_category().message(error_number);
  return tl::unexpected(Error(code, std::move(what), std::move(remedy), error_number));
}

}  // namespace sifguard
