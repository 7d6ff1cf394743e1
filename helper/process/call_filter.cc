// A system call filter that allows the named calls. Any privilege.
#include "helper/process/call_filter.h"

#include <sys/prctl.h>

namespace sifguard {

void CallFilter::allow(std::span<const int> calls) {
  for (const int call : calls) allow(call);
}

void CallFilter::allow_fstat(int fd) {
  const auto number = static_cast<scmp_datum_t>(fd);
  allow(SCMP_SYS(fstat), is(0, number));
  allow(SCMP_SYS(newfstatat), is(0, number), is(3, AT_EMPTY_PATH));
}

void CallFilter::allow_memory() {
  allow(SCMP_SYS(mmap), has(2, PROT_EXEC, 0), has(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  allow(SCMP_SYS(mprotect), has(2, PROT_EXEC, 0));
  allow(SCMP_SYS(mremap));
}

tl::unexpected<Error> fail_without_filter() {
  return fail(
      Code::config, "the node does not allow system call filters",
      "a kernel with CONFIG_SECCOMP_FILTER is needed, and a container that lets it be used");
}

Status CallFilter::enter() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(Code::internal, "cannot give up new privileges");
  }
  if (!filter_ || failed_ || seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
      seccomp_load(filter_.get()) != 0) {
    return fail_without_filter();
  }
  return {};
}

}  // namespace sifguard
