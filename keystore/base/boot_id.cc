// Which boot of this host it is. Any rights.
#include "keystore/base/boot_id.h"

#include <fcntl.h>

#include "keystore/base/fd.h"

namespace sifguard {

Result<std::string> read_boot_id() {
  const UniqueFd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  SG_TRY(std::string id, read_to_end(fd.get(), 64, "the boot id"));
  if (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace sifguard
