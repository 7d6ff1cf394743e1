// Running a program of the system's for its answer. The caller's privilege.
#include "keystore/base/run_program.h"

#include <limits.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "keystore/base/child.h"
#include "keystore/base/clock.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/base/trusted_file.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxInput = 4096;  // fits into any pipe at once
constexpr std::size_t kMaxComplaint = 4096;

/// Both outputs of the program, read until it closes them.
struct Answer {
  SecretBytes output;
  std::size_t size = 0;
  std::string complaint;

  /// Whether there may be more.
  [[nodiscard]] Result<bool> take_output(int fd, const std::string& program) {
    const ssize_t got = ::read(fd, output.bytes().data() + size, output.size() - size);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0) return fail_errno(Code::internal, "cannot read from " + program, errno);
    size += static_cast<std::size_t>(got);
    if (size == output.size()) {
      return fail(Code::unavailable, program + " answered more than expected");
    }
    return got > 0;
  }
  [[nodiscard]] bool take_complaint(int fd) {
    std::array<char, 1024> chunk{};
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    complaint.append(chunk.data(), static_cast<std::size_t>(got));
    if (complaint.size() > kMaxComplaint) complaint.erase(0, complaint.size() - kMaxComplaint);
    return true;
  }
};

Result<Answer> listen(const ProgramRun& run, std::int64_t deadline, UniqueFd out, UniqueFd err) {
  Answer answer;
  SG_TRY(answer.output, SecretBytes::allocate(run.output_limit + 1));
  while (out.valid() || err.valid()) {
    std::array<struct pollfd, 2> ready = {
        {{out.valid() ? out.get() : -1, POLLIN, 0}, {err.valid() ? err.get() : -1, POLLIN, 0}}};
    const auto left = std::clamp<std::int64_t>(deadline - monotonic_ms(), 0, 1 << 30);
    const int events = ::poll(ready.data(), ready.size(), static_cast<int>(left));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) {
      return fail(Code::temporary, run.program + " did not answer in time", "try again");
    }
    if (ready[0].revents != 0) {
      SG_TRY(const bool more, answer.take_output(out.get(), run.program));
      if (!more) out.reset();
    }
    if (ready[1].revents != 0 && !answer.take_complaint(err.get())) err.reset();
  }
  answer.output.shrink(answer.size);
  return answer;
}

/// The last line that the program wrote on its standard error.
std::string last_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::size_t start = text.rfind('\n');
  if (start != std::string_view::npos) text.remove_prefix(start + 1);
  return printable(text, 500);
}

/// The last line of its standard error that begins with `speaker`; the last of all if none does.
std::string why_it_failed(std::string_view text, const std::string& speaker) {
  const std::size_t at =
      speaker.empty() ? text.npos : ("\n" + std::string(text)).rfind("\n" + speaker);
  if (at == text.npos) return last_line(text);
  const std::string_view line = text.substr(at);
  return printable(line.substr(0, line.find('\n')), 500);
}

}  // namespace

Result<SecretBytes> run_program(const ProgramRun& run) {
  SG_CHECK(check_trusted_program(run.program, Trust{0}));
  if (run.input.size() > kMaxInput) return fail(Code::internal, "too much input for a program");
  SG_TRY(Pipe in, make_pipe());
  SG_TRY(Pipe out, make_pipe());
  SG_TRY(Pipe err, make_pipe());
  SG_CHECK(write_all(in.write_end.get(), run.input, run.program));
  in.write_end.reset();
  const std::int64_t deadline = monotonic_ms() + run.timeout_ms;
  ChildSpec spec;
  spec.program = run.program;
  spec.argv = {run.program};
  spec.argv.insert(spec.argv.end(), run.arguments.begin(), run.arguments.end());
  spec.environment = run.environment;
  spec.identity = run.identity;
  spec.fds = {{run.input_fd >= 0 ? run.input_fd : in.read_end.get(), 0},
              {run.output_fd >= 0 ? run.output_fd : out.write_end.get(), 1},
              {err.write_end.get(), 2}};
  SG_TRY(Child child, start_child(spec));
  in.read_end.reset();
  out.write_end.reset();
  err.write_end.reset();
  SG_TRY(Answer answer, listen(run, deadline, std::move(out.read_end), std::move(err.read_end)));
  SG_TRY(const int status, child.wait(deadline));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::move(answer.output);
  const std::string said = why_it_failed(answer.complaint, run.speaker);
  const auto code = run.tells_code && WIFEXITED(status)
                        ? code_of_command_status(WEXITSTATUS(status))
                        : std::nullopt;
  if (code && !said.empty()) return fail(*code, said);
  return fail(Code::unavailable, run.program + " failed" + (said.empty() ? "" : ": " + said));
}

std::string own_program(const std::string& name) {
  std::array<char, PATH_MAX> self{};
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0) {
    std::string beside(self.data(), static_cast<std::size_t>(size));
    beside.resize(beside.rfind('/') + 1);
    if (::access((beside + name).c_str(), X_OK) == 0) return beside + name;
    // What is for every user is in bin/, where sifctl is in sbin/.
    constexpr std::string_view kForRoot = "/sbin/";
    if (beside.ends_with(kForRoot)) {
      beside.replace(beside.size() - kForRoot.size(), kForRoot.size(), "/bin/");
      if (::access((beside + name).c_str(), X_OK) == 0) return beside + name;
    }
  }
  return SIFGUARD_LIBEXEC_DIR "/" + name;
}

}  // namespace sifguard
