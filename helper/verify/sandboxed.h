// Runs one of the sandboxed programs to its end. Root helper, or the user's own tool. Internal to
// helper/verify.
#pragma once

#include <string>
#include <string_view>

#include "helper/verify/examine.h"

namespace sifguard {

/// How to start such a program: what it loses, its image or request on descriptor 3 and its answer
/// on 4. Namespaces require root and a node that supports them; without them, the identity, the
/// limits and the program's own restrictions (seccomp, and Landlock where the kernel has it) still
/// hold.
[[nodiscard]] ChildSpec confined(const ExamineOptions& options, const std::string& program,
                                 int input);

/// A memory page in which a sandboxed program counts while it works.
class ProgressPage {
 public:
  [[nodiscard]] static Result<ProgressPage> make();
  ProgressPage(ProgressPage&& other) noexcept;
  ProgressPage& operator=(ProgressPage&&) = delete;
  ~ProgressPage();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] std::uint64_t count() const noexcept;

 private:
  explicit ProgressPage(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  void* page_ = nullptr;
};

/// Calls `tell` about five times a second until `fd` has something to read or the deadline passes.
void tell_until_readable(int fd, std::int64_t deadline_ms, const std::function<void()>& tell);

/// Runs one program to its end and returns its whole answer. Errors: Code::refused when it crashed
/// or wrote more than `limit` bytes; Code::temporary after the deadline. `tell` as above.
[[nodiscard]] Result<std::string> run_sandboxed(ChildSpec& spec, std::size_t limit,
                                                std::int64_t deadline_ms,
                                                const std::function<void()>& tell = nullptr);

/// A sealed file in memory: unlike a pipe it cannot fill up, nor raise SIGPIPE here when the check
/// ends early.
[[nodiscard]] Result<UniqueFd> request_in_memory(std::string_view text);

}  // namespace sifguard
