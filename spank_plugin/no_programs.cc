// slurmstepd of an enforced step starts no programs any more. slurmstepd, root.
#include "spank_plugin/no_programs.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace sifguard {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr unsigned kArchitecture = AUDIT_ARCH_PPC64LE;
#else
constexpr unsigned kArchitecture = 0;  // not known: nothing can be forbidden, so nothing enforced
#endif

struct Shared {
  bool forbidden;
};

pid_t g_slurmstepd = 0;
volatile Shared* g_shared = nullptr;

constexpr struct sock_filter load(unsigned offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset};
}
/// Goes on with the next instruction if equal, else skips `otherwise`.
constexpr struct sock_filter if_equal(unsigned value, unsigned char otherwise) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, otherwise, value};
}
constexpr struct sock_filter end_with(unsigned verdict) {
  return {BPF_RET | BPF_K, 0, 0, verdict};
}

/// slurmstepd is of one architecture, and its children are its own code until they execute: system
/// calls of another are not to be expected, and are refused.
///
/// For all threads or not at all: which of slurmstepd's starts the program is not ours to know.
bool install_filter() {
  if (kArchitecture == 0) return false;
  struct sock_filter rules[] = {
      load(offsetof(struct seccomp_data, arch)), if_equal(kArchitecture, 4),
      load(offsetof(struct seccomp_data, nr)),   if_equal(__NR_execve, 1),
      end_with(SECCOMP_RET_ERRNO | EPERM),       if_equal(__NR_execveat, 1),
      end_with(SECCOMP_RET_ERRNO | EPERM),       end_with(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program {
    sizeof rules / sizeof rules[0], rules
  };
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

}  // namespace

void remember_slurmstepd() noexcept {
  g_slurmstepd = getpid();
  if (g_shared == nullptr) {
    void* const memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    g_shared = static_cast<Shared*>(memory);
  }
  g_shared->forbidden = false;
}

void forbid_programs() noexcept {
  if (g_shared == nullptr || g_shared->forbidden || getpid() != g_slurmstepd) return;
  g_shared->forbidden = install_filter();
}

bool are_programs_forbidden() noexcept {
  return g_shared != nullptr && g_shared->forbidden;
}

}  // namespace sifguard
