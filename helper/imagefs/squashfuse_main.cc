// sifguard-squashfuse: serves a verified image's squashfs as a directory, by FUSE, for sites that
// want no kernel parser (`mount_driver: fuse`). Started by the root helper as a no-login account in
// namespaces of its own; runs squashfuse_ll of the distribution, ends it with the step, and sees no
// key.
//
// squashfuse_wire.h has its descriptors and arguments. Ends with the program's status, 0 when the
// file system was unmounted.
#include <unistd.h>

#include "helper/imagefs/squashfuse_run.h"
#include "helper/imagefs/wire/squashfuse_wire.h"

namespace {

using namespace sifguard;

/// Until root has moved us out of the step's cgroups: a child would stay behind.
void wait_for_go() {
  char byte = 0;
  while (::read(squashfuse_fd::kGo, &byte, 1) > 0) {
  }
  ::close(squashfuse_fd::kGo);
}

int run(int argc, char** argv) {
  const auto order = parse_squashfuse_order(argc, argv);
  if (!order) return order.error().exit_status();
  wait_for_go();
  const Status walled = enter_squashfuse_sandbox(*order);
  return walled ? run_squashfuse(*order) : walled.error().exit_status();
}

}  // namespace

int main(int argc, char** argv) {
  ::_exit(run(argc, argv));
}
