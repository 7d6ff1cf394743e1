// The one error type of sifguard. Any process, any privilege.
#include "keystore/base/error.h"

#include <cerrno>
#include <system_error>

#include "keystore/base/errno_code.h"
#include "keystore/base/lack.h"

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

Code code_of_errno(int error_number, Code otherwise) noexcept {
  if (tells_of_lack(error_number)) return Code::temporary;
  switch (error_number) {
    case EROFS:
      return Code::config;
    case EIO:
    case EUCLEAN:  // of ext4 and XFS, whose EFSCORRUPTED it is
      return Code::internal;
    case EFBIG:
      return Code::cannot_write;
    default:
      return otherwise;
  }
}

tl::unexpected<Error> fail_errno(Code code, std::string what, int error_number,
                                 std::string remedy) {
  code = code_of_errno(error_number, code);
  what += ": " + std::generic_category().message(error_number);
  return tl::unexpected(Error(code, std::move(what), std::move(remedy), error_number));
}

}  // namespace sifguard
