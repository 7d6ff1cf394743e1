// Why the kernel refused a mount. Pure.
#include "helper/mount/mount_refusal.h"

#include <cerrno>

#include "keystore/base/lack.h"

namespace sifguard {

tl::unexpected<Error> mount_refusal(const std::string& what, int error_number,
                                    const std::string& module, bool of_an_image) {
  if (error_number == EPERM || error_number == EACCES) {
    return fail_errno(Code::config, what, error_number, "the node must let root mount");
  }
  if (tells_of_lack(error_number)) {
    return fail_errno(Code::temporary, what, error_number, "try again later");
  }
  if (error_number == ENODEV || !of_an_image) {
    return fail_errno(Code::config, what, error_number, "load the module `" + module + "` at boot");
  }
  return fail_errno(Code::refused, what, error_number);
}

}  // namespace sifguard
