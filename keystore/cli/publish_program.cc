// Starting sifguard-publish. Runs with the rights of the admin.
//
// Its error comes through a pipe, two lines (what, remedy), and its code as the exit status.
#include "keystore/cli/publish_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include "keystore/base/child.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostAnswer = 65536;

/// `output_fd`: -1 for our own standard output.
Result<Child> start(const std::string& program, const std::vector<std::string>& words,
                    int report_fd, int output_fd) {
  constexpr int kReportFd = 3;
  ChildSpec spec;
  spec.program = program;
  spec.argv = {program, "--report-fd=" + std::to_string(kReportFd)};
  spec.argv.insert(spec.argv.end(), words.begin(), words.end());
  spec.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  spec.fds = {{report_fd, kReportFd}};
  if (output_fd >= 0) spec.fds.push_back({output_fd, STDOUT_FILENO});
  spec.in_foreground = true;
  return start_child(spec);
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
  return fail(code_of_command_status(WEXITSTATUS(status)).value_or(Code::internal),
              said.substr(0, line), said.substr(line + 1));
}

}  // namespace

Status run_publish_program(const std::vector<std::string>& arguments, std::string* output) {
  const std::string program = own_program("sifguard-publish");
  SG_CHECK(check_trusted_program(program, Session::trust()));
  SG_TRY(Pipe report, make_pipe());
  Pipe result;
  if (output != nullptr) {
    SG_TRY(result, make_pipe());
  }
  SG_TRY(Child child, start(program, arguments, report.write_end.get(), result.write_end.get()));
  report.write_end.reset();
  result.write_end.reset();
  if (output != nullptr) {  // an object that is smaller than a pipe, and then the report
    SG_TRY(*output, read_to_end(result.read_end.get(), kMostAnswer, program));
  }
  const auto said = read_to_end(report.read_end.get(), kMostAnswer, program);
  SG_TRY(const int status, child.wait(kNoDeadline));
  return ended(program, status, said.value_or(""));
}

}  // namespace sifguard
