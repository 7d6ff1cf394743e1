// Stands in for sifguard-verifier in tests: enters its sandbox, then does what it must not.
#include <fcntl.h>
#include <unistd.h>

#include "helper/verify/sandbox/sandbox.h"

int main() {
  if (!sifguard::enter_sandbox()) return 1;
  const int fd = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  ::_exit(fd >= 0 ? 2 : 3);
}
