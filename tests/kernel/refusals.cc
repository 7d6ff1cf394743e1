// System calls answered as another kernel, or another node, would. See the header.
#include "tests/kernel/refusals.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace sifguard::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "refusals: %s\n", why.c_str());
  ::_exit(99);
}

struct Named {
  const char* name;
  unsigned value;
};
constexpr std::array kNamespaces = {Named{"net", CLONE_NEWNET}, Named{"pid", CLONE_NEWPID},
                                    Named{"ipc", CLONE_NEWIPC}, Named{"mnt", CLONE_NEWNS},
                                    Named{"user", CLONE_NEWUSER}};
/// The first system call that came later: since 5.0 they have the same numbers everywhere.
constexpr std::array kKernels = {Named{"linux-4.18", 424}, Named{"linux-5.14", 448}};
constexpr unsigned kLoopConfigure = 0x4C0A;  // of linux/loop.h from 5.8 on
constexpr std::array kErrors = {Named{"ENOSPC", ENOSPC}, Named{"EPERM", EPERM},
                                Named{"EINVAL", EINVAL}, Named{"ENOSYS", ENOSYS},
                                Named{"EUSERS", EUSERS}, Named{"ENOMEM", ENOMEM}};

template <typename Table>
const Named* find(const Table& table, const std::string& name) {
  for (const Named& one : table) {
    if (name == one.name) return &one;
  }
  return nullptr;
}

class Filter {
 public:
  Filter() { load(offsetof(seccomp_data, nr)); }
  void refuse_call(unsigned number, unsigned error) {
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number});
    answer(error);
  }
  void refuse_from(unsigned number, unsigned error) {
    add({BPF_JMP | BPF_JGE | BPF_K, 0, 1, number});
    answer(error);
  }
  /// Where an argument, the first unless said, is `value`, or has its bits.
  void refuse_argument(unsigned number, unsigned short how, unsigned value, unsigned error,
                       unsigned argument = 0) {
    constexpr unsigned kLowHalf = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 4, number});
    load(offsetof(seccomp_data, args) + argument * sizeof(__u64) + kLowHalf);
    add({static_cast<unsigned short>(BPF_JMP | how | BPF_K), 0, 1, value});
    answer(error);
    load(offsetof(seccomp_data, nr));
  }
  void install() {
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    if (::geteuid() != 0) ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) give_up("no filter here");
  }

 private:
  void add(sock_filter instruction) { code_.push_back(instruction); }
  void load(std::size_t offset) {
    add({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)});
  }
  void answer(unsigned error) { add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error}); }
  std::vector<sock_filter> code_;
};

void add(Filter& filter, const std::string& refusal) {
  const std::size_t equals = refusal.find('=');
  const std::string name = refusal.substr(0, equals);
  unsigned error = 0;
  if (equals != std::string::npos) {
    const Named* const said = find(kErrors, refusal.substr(equals + 1));
    if (said == nullptr) give_up("unknown error in " + refusal);
    error = said->value;
  }
  const auto or_else = [&](unsigned usual) { return error != 0 ? error : usual; };
  if (const Named* const space = find(kNamespaces, name)) {
    filter.refuse_argument(SYS_clone, BPF_JSET, space->value, or_else(ENOSPC));
    filter.refuse_argument(SYS_unshare, BPF_JSET, space->value, or_else(ENOSPC));
    filter.refuse_call(SYS_clone3, ENOSYS);  // its flags are in memory
  } else if (const Named* const kernel = find(kKernels, name)) {
    filter.refuse_from(kernel->value, or_else(ENOSYS));
    if (name == "linux-4.18") filter.refuse_argument(SYS_ioctl, BPF_JEQ, kLoopConfigure, EINVAL, 1);
  } else if (name == "tmpfile") {
    filter.refuse_argument(SYS_openat, BPF_JSET, O_TMPFILE & ~O_DIRECTORY, or_else(EOPNOTSUPP), 2);
  } else if (name == "seccomp") {
    filter.refuse_call(SYS_seccomp, or_else(EINVAL));
    filter.refuse_argument(SYS_prctl, BPF_JEQ, PR_SET_SECCOMP, or_else(EINVAL));
  } else {
    const int number = seccomp_syscall_resolve_name(name.c_str());
    if (number < 0) give_up("no system call " + name);
    filter.refuse_call(static_cast<unsigned>(number), or_else(ENOSYS));
  }
}

}  // namespace

void refuse_from_now_on(std::span<const std::string> refusals) {
  Filter filter;
  for (const std::string& refusal : refusals) add(filter, refusal);
  filter.install();
}

}  // namespace sifguard::test
