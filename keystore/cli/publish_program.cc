// Starting sifguard-publish. Runs with the rights of the admin.
//
// Its error comes through a pipe, two lines (what, remedy), and its code as the exit status.
#include "keystore/cli/publish_program.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "keystore/base/argv.h"
#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostSaid = 65536;

struct Actions {
  Actions() { ::posix_spawn_file_actions_init(&list); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&list); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t list{};
};

Result<pid_t> start(const std::string& program, std::vector<std::string> words, int report_fd) {
  constexpr int kReportFd = 3;
  words.insert(words.begin(), {program, "--report-fd=" + std::to_string(kReportFd)});
  const std::vector<char*> argv = argv_of(words);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char locale[] = "LC_ALL=C.UTF-8";
  char* const environment[] = {path, locale, nullptr};
  Actions actions;
  // The same number on both sides loses close-on-exec too (POSIX.1-2024, and glibc since 2.29).
  ::posix_spawn_file_actions_adddup2(&actions.list, report_fd, kReportFd);
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &actions.list, nullptr, argv.data(), environment);
  if (failed != 0) return fail_errno(Code::unavailable, "cannot start " + program, failed);
  return pid;
}

Status ended(const std::string& program, int status, const std::string& said) {
  if (WIFSIGNALED(status)) {
    return fail(Code::internal,
                program + " was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  if (status == 0) return {};
  const std::size_t line = said.find('\n');
  if (line == std::string::npos) {
    return fail(Code::internal,
                program + " ended with status " + std::to_string(WEXITSTATUS(status)));
  }
  return fail(static_cast<Code>(WEXITSTATUS(status)), said.substr(0, line), said.substr(line + 1));
}

}  // namespace

Status run_publish_program(std::vector<std::string> arguments) {
  const std::string program = own_program("sifguard-publish");
  SG_CHECK(check_trusted_program(program, Session::trust()));
  SG_TRY(Pipe report, make_pipe());
  SG_TRY(const pid_t pid, start(program, std::move(arguments), report.write_end.get()));
  report.write_end.reset();
  const auto said = read_to_end(report.read_end.get(), kMostSaid, program);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno(Code::internal, "cannot wait for " + program, errno);
  }
  return ended(program, status, said.value_or(""));
}

}  // namespace sifguard
