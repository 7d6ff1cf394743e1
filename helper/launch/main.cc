// sifguard-launch: runs as the job's owner, in place of the task. Static, so that LD_PRELOAD and
// its like cannot enter. It chooses nothing: root's plan names the runtime and its arguments; the
// task's own command line, which is ours, follows them, started by sifguard-start.
//
// It is installed execute-only (0711), so that the kernel keeps it undumpable from its first
// instruction on: a process of the same uid in a container can neither trace it nor read it. It
// also makes itself undumpable, in case it was made readable.
//
// Ends with 69 when the runtime is missing, 66 when the source of a --sif-bind is missing, 78 when
// a directory that a binding shows or the plan is missing, 70 otherwise; one line on stderr.
#include <fcntl.h>
#include <sifguard/paths.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helper/launch/bind.h"
#include "helper/launch/env_filter.h"
#include "helper/launch/inherited_fds.h"
#include "helper/launch/plan.h"
#include "helper/launch/step_directory.h"
#include "helper/launch/turns.h"
#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr const char* kStart = SIFGUARD_LIBEXEC_DIR "/sifguard-start";

Result<LaunchPlan> read_plan(const char* path) {
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return fail_errno(Code::config, std::string("cannot open ") + path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, path, errno);
  if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(Code::config, std::string(path) + " is not a file that only root can write");
  }
  auto text = read_to_end(fd.get(), kMaxPlan, path);
  if (!text) return fail(Code::config, text.error().what());
  return parse_plan(*text);
}

/// A private directory of the user's, or a shared one with the sticky bit, like /tmp.
bool is_usable_directory(const std::string& path) {
  struct stat st {};
  if (!path.starts_with('/') || ::lstat(path.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) {
    return false;
  }
  return st.st_uid == ::getuid() || (st.st_uid == 0 && (st.st_mode & S_ISVTX) != 0);
}

std::vector<std::string_view> own_environment() {
  std::vector<std::string_view> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (std::string& string : strings) list.push_back(string.data());
  list.push_back(nullptr);
  return list;
}

/// Shows `directory` at its own name; `arguments` end with the image.
void add_mount(const std::string& directory, std::vector<std::string>& arguments) {
  arguments.insert(arguments.end() - 1, {"--mount", mount_argument({directory, directory})});
}

/// Adds to `arguments`, which end with the image, the binds that only the task can name.
void add_step_directories(const LaunchPlan& plan, std::vector<std::string>& arguments) {
  for (const std::string& shown : plan.shown) {
    const std::size_t equals = shown.find('=');
    const char* const value = ::getenv(shown.substr(0, equals).c_str());
    if (value == nullptr) continue;
    const auto directory = step_directory(value, shown.substr(equals + 1), ::getuid());
    if (directory) add_mount(*directory, arguments);
  }
  for (const std::string& shown : plan.shown_below) {
    const std::size_t equals = shown.find('=');
    const std::size_t slash = std::max(shown.rfind('/'), equals);
    if (slash == std::string::npos) continue;
    const char* const value = ::getenv(shown.substr(0, equals).c_str());
    const std::string base =
        value != nullptr ? value : shown.substr(equals + 1, slash - equals - 1);
    const auto directory = step_directory_in(base, shown.substr(slash + 1), ::getuid());
    if (directory) add_mount(*directory, arguments);
  }
}

/// What a bind shows has to be there for the task's own eyes. The runtime hands names on as JSON.
Status check_source(const std::string& path, Code code, const char* remedy) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) {
    return fail_errno(code, "nothing to bind at " + path + " on this node", errno, remedy);
  }
  if (is_utf8(path)) return {};
  return fail(code, "cannot bind " + path + ": the runtime takes names in UTF-8 alone");
}

Status check_sources(const LaunchPlan& plan) {
  for (const std::string& path : plan.asked_sources) {
    SG_CHECK(check_source(path, Code::no_input, "correct --sif-bind"));
  }
  for (const std::string& path : plan.site_sources) {
    SG_CHECK(
        check_source(path, Code::config, "the image's binding wants it: tell your administrator"));
  }
  return {};
}

/// What the task gives a runscript, or the image's command: a first word "-" stands for nothing.
std::span<char* const> arguments_of(std::span<char* const> command) {
  return command.subspan(std::string_view(command.front()) == "-" ? 1 : 0);
}

/// The task's command, or the image's own with what the task gives it.
Result<std::vector<std::string>> command_line(const LaunchPlan& plan,
                                              std::span<char* const> command) {
  if (!plan.command) return std::vector<std::string>(command.begin(), command.end());
  std::vector<std::string> words = plan.command->entrypoint;
  const auto given = arguments_of(command);
  words.insert(words.end(), given.begin(), given.end());
  if (given.empty()) {
    words.insert(words.end(), plan.command->words.begin(), plan.command->words.end());
  }
  if (!words.empty()) return words;
  return fail(Code::usage, "the image says of no command that it is to be run",
              "name one, or leave --sif-action=run out");
}

/// Adds what runs in the container: a command, started by ours in its directory, or the
/// runscript's arguments.
Status add_command(const LaunchPlan& plan, std::span<char* const> command,
                   std::vector<std::string>& arguments) {
  if (!plan.start) {
    const auto given = arguments_of(command);
    arguments.insert(arguments.end(), given.begin(), given.end());
    return {};
  }
  SG_TRY(const std::vector<std::string> words, command_line(plan, command));
  const int start = ::open(kStart, O_PATH);  // not close-on-exec: the runtime runs it
  if (start < 0) {
    return fail_errno(Code::unavailable, std::string("cannot open ") + kStart, errno,
                      "install sifguard on this node anew");
  }
  arguments.insert(arguments.end(), {"/proc/self/fd/" + std::to_string(start), *plan.start});
  arguments.insert(arguments.end(), words.begin(), words.end());
  return {};
}

/// Becomes the runtime; returns only the reason why not.
Status launch(int argc, char** argv) {
  if (argc < 2) return fail(Code::internal, "no command to run in the container");
  SG_TRY(LaunchPlan plan, read_plan(kPlanPath));
  SG_CHECK(check_sources(plan));

  std::vector<std::string> arguments{plan.runtime};
  arguments.insert(arguments.end(), plan.args.begin(), plan.args.end());
  add_step_directories(plan, arguments);
  std::vector<std::string> environment =
      filter_environment(own_environment(), plan, is_usable_directory);

  take_turn(kTurnsDirectory, ::getenv("SLURM_CPUS_ON_NODE"));
  const char* const pmi = ::getenv("PMI_FD");
  SG_CHECK(close_on_exec_except(pmi == nullptr ? std::nullopt : parse_pmi_fd(pmi)));
  SG_CHECK(add_command(plan, {argv + 1, static_cast<std::size_t>(argc - 1)}, arguments));
  ::execve(plan.runtime.c_str(), pointers(arguments).data(), pointers(environment).data());
  const int error = errno;
  if (error == E2BIG) {
    return fail_errno(Code::internal, "cannot start " + plan.runtime, error,
                      "the job's environment or command line is too large");
  }
  return fail_errno(Code::unavailable, "cannot start the container runtime " + plan.runtime, error,
                    "install it on this node, or correct 'runtime' in the node's sifguard.yaml");
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const auto status = sifguard::launch(argc, argv);
  const std::string line = "sifguard: " + sifguard::one_line(status.error().line()) + "\n";
  std::fputs(line.c_str(), stderr);
  return status.error().exit_status();
}
