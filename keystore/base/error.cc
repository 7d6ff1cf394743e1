// The one error type of sifguard. Any process, any privilege.
#include "keystore/base/error.h"

#include <cerrno>
#include <system_error>

#include "keystore/base/disk_trouble.h"

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

Code code_of_disk_trouble(int error_number, Code otherwise) noexcept {
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

tl::unexpected<Error> fail_errno(Code code, std::string what, int error_number,
                                 std::string remedy) {
  // For who only writes one file, like sif-sign, all that keeps it from that is cannot_write.
  if (code != Code::cannot_write) code = code_of_disk_trouble(error_number, code);
  what += ": " + std::generic_category().message(error_number);
  return tl::unexpected(Error(code, std::move(what), std::move(remedy), error_number));
}

}  // namespace sifguard
