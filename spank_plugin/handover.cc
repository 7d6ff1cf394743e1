// The last steps of a task: it becomes the launcher, or ends. The task, as the user.
#include "spank_plugin/handover.h"

#include <sifguard/paths.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "spank_plugin/helper_client.h"
#include "spank_plugin/limits.h"

namespace sifguard {
namespace {

constexpr const char* kLauncher = SIFGUARD_LIBEXEC_DIR "/sifguard-launch";

#if SIFGUARD_HAVE_PREPEND_ARGV

constexpr bool kAlwaysAtOnce = false;
constexpr const char* kNoMultiProg = "--multi-prog cannot be used where images are enforced";

void prepend_launcher(spank_t spank, wire::Answer& answer) {
  const char* argv[] = {kLauncher};
  if (spank_prepend_task_argv(spank, 1, argv) != ESPANK_SUCCESS) {
    refuse(answer, wire::kExitInternal, "Slurm does not take the launcher");
  }
}

#else

constexpr bool kAlwaysAtOnce = true;
constexpr const char* kNoMultiProg =
    "--multi-prog needs Slurm 23.11 or newer, and cannot be used where images are enforced";

#endif

/// The text of a --multi-prog file, which srun sends as the second argument: its first line that is
/// no comment begins with a task's number, or '*'. Slurm keeps each task's own command to itself.
bool looks_like_multi_prog(int argc, char** argv) {
  if (argc < 2 || strchr(argv[1], '\n') == nullptr) return false;
  const char* line = argv[1];
  for (;;) {
    line += strspn(line, " \t\n");
    if (*line != '#') break;
    line += strcspn(line, "\n");
  }
  return *line == '*' || (*line >= '0' && *line <= '9');
}

void exec_launcher(spank_t spank, wire::Answer& answer) {
  int argc = 0;
  char** argv = nullptr;
  char** environment = nullptr;
  if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 ||
      spank_get_item(spank, S_JOB_ENV, &environment) != ESPANK_SUCCESS || environment == nullptr) {
    return refuse(answer, wire::kExitInternal, "Slurm does not tell the task's command");
  }
  const auto count = static_cast<std::size_t>(argc);
  char** const command = static_cast<char**>(calloc(count + 2, sizeof(char*)));
  if (command == nullptr) return refuse(answer, wire::kExitTemporary, "no memory");
  command[0] = const_cast<char*>(kLauncher);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  memcpy(command + 1, argv, count * sizeof(char*));
  char** const without_limits = propagate_limits(environment);
  if (without_limits == nullptr) return refuse(answer, wire::kExitTemporary, "no memory");
  execve(kLauncher, command, without_limits);
  refuse(answer, wire::kExitUnavailable, "cannot start %s: %s", kLauncher, strerror(errno));
  free(command);
  free(without_limits);
}

}  // namespace

void write_line(const char* message) noexcept {
  constexpr char kPrefix[] = "sifguard: ";
  char line[sizeof kPrefix + sizeof wire::Answer::message];
  std::size_t size = sizeof kPrefix - 1;
  memcpy(line, kPrefix, size);
  for (; *message != '\0' && *message != '\n' && size < sizeof line - 1; ++message) {
    const bool control = static_cast<unsigned char>(*message) < 0x20 || *message == 0x7F;
    line[size++] = control ? '?' : *message;
  }
  line[size++] = '\n';
  // Whole or not at all: there is nobody left to tell.
  if (write(STDERR_FILENO, line, size) < 0) return;
}

void end_task(const wire::Answer& refusal, bool speaks) noexcept {
  if (speaks) write_line(refusal.message);
  _exit(refusal.exit_status);
}

const char* command_problem(spank_t spank, bool at_once) noexcept {
  if (!at_once && !kAlwaysAtOnce) return nullptr;
  int argc = 0;
  char** argv = nullptr;
  const bool known = spank_get_item(spank, S_JOB_ARGV, &argc, &argv) == ESPANK_SUCCESS;
  return known && looks_like_multi_prog(argc, argv) ? kNoMultiProg : nullptr;
}

void start_launcher(spank_t spank, bool at_once, wire::Answer& answer) noexcept {
  if (access(kLauncher, X_OK) != 0) {
    return refuse(answer, wire::kExitUnavailable, "launcher %s: %s", kLauncher, strerror(errno));
  }
#if SIFGUARD_HAVE_PREPEND_ARGV
  if (!at_once) return prepend_launcher(spank, answer);
#else
  (void)at_once;
#endif
  exec_launcher(spank, answer);
}

}  // namespace sifguard
