// Running one of the sandboxed programs to its end. Root helper, or the user's own tool; what the
// programs answer is the caller's to check.
#include "helper/verify/sandboxed.h"
#include "helper/verify/wire/descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace sifguard {
namespace {

constexpr std::uint64_t kMemory = 256ULL << 20U;
constexpr std::size_t kProgressSize = 4096;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimitMemory = false;  // AddressSanitizer reserves terabytes of address space
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif
#else
constexpr bool kLimitMemory = true;
#endif

/// By what is not of the image. SIGKILL and SIGBUS: none of ours sends it, nor do the limits of the
/// sandbox, the kernel does where memory runs out. 70: no answer could be written; 127: the program
/// could not be loaded.
bool was_ended_early(int status) noexcept {
  constexpr int kNotWritten = 70;
  constexpr int kNotLoaded = 127;
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == kNotWritten || WEXITSTATUS(status) == kNotLoaded;
  }
  switch (WTERMSIG(status)) {
    case SIGKILL:
    case SIGBUS:
    case SIGXCPU:
    case SIGTERM:
    case SIGHUP:
    case SIGINT:
      return true;
    default:
      return false;
  }
}

Status check_ending(int status, const std::string& program) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    return fail(Code::refused,
                "the image made " + program + " use a forbidden system call; its sandbox ended it");
  }
  if (was_ended_early(status)) {
    return fail(Code::temporary, program + " was killed before it had answered",
                "look for a node, or a job, without memory; try again");
  }
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "status " + std::to_string(WEXITSTATUS(status));
  return fail(Code::refused, "the image made " + program + " fail with " + how);
}

}  // namespace

ChildSpec confined(const ExamineOptions& options, const std::string& program, int input) {
  ChildSpec spec;
  spec.program = options.libexec_dir + "/" + program;
  spec.argv = {program};
  spec.environment = {"LC_ALL=C"};
  spec.fds = {{input, kInputFd}, {-1, kOutputFd}};
  spec.identity = options.identity;
  // Whatever the node refuses of these, the program's own filter of system calls forbids, too, and
  // without that none of them does anything.
  const Namespace wanted = ::geteuid() == 0 ? Namespace::if_given : Namespace::ours;
  spec.isolation.network = wanted;
  spec.isolation.processes = wanted;
  spec.isolation.mounts = wanted;
  spec.isolation.memory_bytes = kLimitMemory ? kMemory : 0;
  return spec;
}

Result<ProgressPage> ProgressPage::make() {
  ProgressPage page(UniqueFd(::memfd_create("sifguard-progress", MFD_CLOEXEC)));
  if (!page.fd_.valid() || ::ftruncate(page.fd_.get(), kProgressSize) != 0) {
    return fail_errno(Code::temporary, "cannot share memory with the verifier", errno);
  }
  void* const mapped =
      ::mmap(nullptr, kProgressSize, PROT_READ | PROT_WRITE, MAP_SHARED, page.fd_.get(), 0);
  if (mapped == MAP_FAILED) {
    return fail_errno(Code::temporary, "cannot share memory with the verifier", errno);
  }
  page.page_ = mapped;
  return page;
}

ProgressPage::ProgressPage(ProgressPage&& other) noexcept
    : fd_(std::move(other.fd_)), page_(std::exchange(other.page_, nullptr)) {}

ProgressPage::~ProgressPage() {
  if (page_ != nullptr) ::munmap(page_, kProgressSize);
}

std::uint64_t ProgressPage::count() const noexcept {
  return std::atomic_ref(*static_cast<std::uint64_t*>(page_)).load(std::memory_order_relaxed);
}

void tell_until_readable(int fd, std::int64_t deadline_ms, const std::function<void()>& tell) {
  constexpr int kIntervalMs = 200;
  pollfd wanted{fd, POLLIN, 0};
  while (monotonic_ms() < deadline_ms && ::poll(&wanted, 1, kIntervalMs) == 0) tell();
}

Result<std::string> run_sandboxed(ChildSpec& spec, std::size_t limit, std::int64_t deadline_ms,
                                  const std::function<void()>& tell) {
  SG_TRY(Pipe answer, make_pipe());
  for (auto& passed : spec.fds) {
    if (passed.to == kOutputFd) passed.from = answer.write_end.get();
  }
  SG_TRY(Child child, start_child(spec));
  answer.write_end.reset();
  if (tell) tell_until_readable(answer.read_end.get(), deadline_ms, tell);
  SG_TRY(std::string text,
         read_until(answer.read_end.get(), limit, deadline_ms, spec.argv.front()));
  SG_TRY(const int status, child.wait(deadline_ms));
  SG_CHECK(check_ending(status, spec.argv.front()));
  return text;
}

Result<UniqueFd> request_in_memory(std::string_view text) {
  UniqueFd fd(::memfd_create("sifguard-request", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return fail_errno(Code::temporary, "cannot get memory for a request", errno);
  SG_CHECK(write_all(fd.get(), text, "a request in memory"));
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::lseek(fd.get(), 0, SEEK_SET) != 0 || ::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) {
    return fail_errno(Code::internal, "cannot seal a request in memory", errno);
  }
  return fd;
}

}  // namespace sifguard
