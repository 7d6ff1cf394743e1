// One task's way into its container. slurmstepd and the tasks it forks.
//
// Nothing here fails towards Slurm. What goes wrong as root, where the task has no stdio yet, is
// stored in static memory, which the task inherits, and is printed by hand_over_task().
#include "spank_plugin/task.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "spank_plugin/demand.h"
#include "spank_plugin/enforcement_question.h"
#include "spank_plugin/handover.h"
#include "spank_plugin/helper_client.h"
#include "spank_plugin/no_programs.h"
#include "spank_plugin/options.h"
#include "spank_plugin/step.h"
#include "spank_plugin/step_share.h"

namespace sifguard {
namespace {

/// Longer than anything the helper allows itself; only a helper gone mad meets it.
constexpr int kHelperDeadlineMs = 2 * 3600 * 1000;

char g_job_directory[PATH_MAX];  // of slurmstepd in user_init; empty when unknown
char g_request[wire::kMaxMessage];

bool g_prepared = false;     // by prepare_task, in this very process
wire::Answer g_answer;       // valid once prepared
bool g_alone = false;        // the refusal is this task's, not the step's
View g_view;                 // where we left the task
char g_directory[PATH_MAX];  // to be entered again; empty: the task is in it

/// Whether the step's tasks are ours, by its own wish or by the node's.
bool is_concerned(spank_t spank) {
  return (is_requested() || is_enforced()) && !is_extern_step(spank);
}

bool is_still_ours() {
  View now;
  return look_around(now) && now == g_view;
}

/// Mounts made from here on are seen by the tasks of this step alone; the node's still arrive.
bool make_private_namespace() {
  return unshare(CLONE_NEWNS) == 0 && mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0 &&
         look_around(g_view);
}

/// The job's directory, in `buffer` or remembered; null when there is none.
const char* job_directory(char* buffer, std::size_t size) {
  // The kernel says "(unreachable)/…" for a directory that is not below our root.
  const bool found = getcwd(buffer, size) != nullptr && buffer[0] == '/';
  if (found && buffer[1] != '\0') return buffer;
  if (g_job_directory[0] != '\0') return g_job_directory;
  return found ? buffer : nullptr;
}

/// On the stderr of the node's first task, which slurmstepd's own is while it forks them.
void tell_what_takes_long(const char* what) noexcept {
  write_line(what);
}

void ask_first(std::span<const char> request) {
  if (make_private_namespace()) {
    const Options& o = options();
    ask_helper({o.helper, o.config, o.state, request, kHelperDeadlineMs, "task",
                o.quiet ? nullptr : tell_what_takes_long},
               g_answer);
  } else {
    const bool refused =  // by user.max_mnt_namespaces, or a filter: not to us alone
        geteuid() == 0 && (errno == ENOSPC || errno == EPERM);
    refuse(g_answer, refused ? wire::kExitConfig : wire::kExitInternal,
           "cannot make a private mount namespace: %s", strerror(errno));
  }
  give_answer(request, g_answer, g_view);
}

void ask(spank_t spank) {
  if (is_oci_container(spank)) {
    return refuse(g_answer, wire::kExitUsage, "--container and --sif-verify exclude each other");
  }
  if (const char* problem = command_problem(spank, is_enforced())) {
    return refuse(g_answer, wire::kExitUsage, "%s", problem);
  }
  Step step;
  if (const char* fact = read_step(spank, step)) {
    return refuse(g_answer, wire::kExitInternal, "Slurm does not tell %s", fact);
  }
  char cwd[PATH_MAX];
  const char* const directory = job_directory(cwd, sizeof cwd);
  if (directory == nullptr) {
    return refuse(g_answer, wire::kExitUsage, "the job's working directory is gone");
  }
  char node[HOST_NAME_MAX + 1] = "";
  if (gethostname(node, sizeof node - 1) != 0 || node[0] == '\0') {
    return refuse(g_answer, wire::kExitInternal, "this node has no host name");
  }
  const std::size_t size = write_request(step, options(), directory, node, g_request);
  if (size == 0) {
    return refuse(g_answer, wire::kExitInternal, "the request to the helper is too long");
  }
  const std::span<const char> request(g_request, size);
  switch (take_turn(request, g_answer, g_view)) {
    case Turn::first:
      return ask_first(request);
    case Turn::joined:  // which put us into the namespace's root directory
      memcpy(g_directory, directory, strlen(directory) + 1);
      return;
    case Turn::refused:
      return;
    case Turn::failed:
      g_alone = true;
      return;
  }
}

/// As the user, who alone may be able to enter it.
void enter_directory() {
  if (g_directory[0] == '\0' || chdir(g_directory) == 0) return;
  refuse(g_answer, wire::kExitUsage, "the job's directory %.900s: %s", g_directory,
         strerror(errno));
}

}  // namespace

void begin_step(spank_t spank) noexcept {
  ask_about_enforcement(spank);
  if (!is_concerned(spank)) return;
  if (is_requested()) take_demand(spank);
  make_share();
  if (is_enforced()) remember_slurmstepd();
}

void end_fork() noexcept {
  if (is_enforced()) forbid_programs();
}

void remember_job_directory() noexcept {
  if (!is_requested()) return;
  if (getcwd(g_job_directory, sizeof g_job_directory) == nullptr || g_job_directory[0] != '/') {
    g_job_directory[0] = '\0';
  }
}

void prepare_task(spank_t spank) noexcept {
  g_prepared = g_alone = false;
  g_directory[0] = '\0';
  if (!is_concerned(spank)) return;
  const Refusal refusal = options_refusal();
  if (is_requested() && refusal.status != 0) {
    refuse(g_answer, refusal.status, "%s", refusal.message);
  } else if (const wire::Answer* forbidden = enforcement_refusal()) {
    g_answer = *forbidden;
  } else {
    ask(spank);
  }
  g_prepared = true;
  if (g_answer.exit_status != 0 && local_task(spank) <= 0) {
    slurm_info("sifguard: refused with status %d: %s", g_answer.exit_status, g_answer.message);
  }
}

void hand_over_task(spank_t spank) noexcept {
  if (!is_concerned(spank)) return;
  // Until it has become the launcher this is slurmstepd's memory in the user's hands. The kernel
  // took that from the user's other processes when the uid changed, unless fs.suid_dumpable is 1.
  if (is_enforced()) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!g_prepared) {
    refuse(g_answer, wire::kExitInternal, "the task was not prepared");
  } else if (g_answer.exit_status == 0 && !is_still_ours()) {
    refuse(g_answer, wire::kExitInternal,
           "another plugin moved the task to a mount namespace or root of its own");
  } else if (g_answer.exit_status == 0 && is_enforced() && !are_programs_forbidden()) {
    refuse(g_answer, wire::kExitConfig,
           "images cannot be enforced with SlurmdParameters=contain_spank, or without seccomp");
  }
  if (g_answer.exit_status == 0) enter_directory();
  // One line for the node, not one for every task.
  const bool speaks = local_task(spank) <= 0 || g_alone;
  if (g_answer.exit_status != 0) end_task(g_answer, speaks);
  if (speaks && !options().quiet && g_answer.message[0] != '\0') write_line(g_answer.message);
  start_launcher(spank, is_enforced(), g_answer);
  if (g_answer.exit_status != 0) end_task(g_answer, speaks);
}

void note_end(spank_t spank) noexcept {
  constexpr int kBySignal = 128;  // what a runtime ends with whose payload was killed, and more
  static bool told = false;       // once a step is enough: a kill meets all its tasks
  int status = 0;
  if (told || !is_concerned(spank) ||
      spank_get_item(spank, S_TASK_EXIT_STATUS, &status) != ESPANK_SUCCESS ||
      (WIFEXITED(status) && WEXITSTATUS(status) < kBySignal)) {
    return;
  }
  told = true;
  start_helper(options().helper, options().config, "reap");
}

}  // namespace sifguard
