// One task's way into its container. slurmstepd and the tasks it forks.
//
// Nothing here fails towards Slurm. What goes wrong as root, where the task has no stdio yet, is
// kept in static memory, which the task takes along, and is spoken out by hand_over_task().
#include "spank_plugin/task.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "spank_plugin/handover.h"
#include "spank_plugin/helper_client.h"
#include "spank_plugin/options.h"
#include "spank_plugin/step.h"

namespace sifguard {
namespace {

/// Longer than anything the helper allows itself; only a helper gone mad meets it.
constexpr int kHelperDeadlineMs = 2 * 3600 * 1000;

char g_job_directory[PATH_MAX];  // of slurmstepd in user_init; empty when unknown
char g_request[wire::kMaxMessage];

bool g_prepared = false;  // by prepare_task, in this very process
wire::Answer g_answer;    // valid once prepared
struct stat g_namespace;  // where we left the task

bool current_namespace(struct stat& identity) {
  return stat("/proc/self/ns/mnt", &identity) == 0;
}

bool is_still_ours() {
  struct stat now {};
  return current_namespace(now) && now.st_dev == g_namespace.st_dev &&
         now.st_ino == g_namespace.st_ino;
}

/// Mounts made from here on are seen by this task alone; the node's still arrive.
bool make_private_namespace() {
  return unshare(CLONE_NEWNS) == 0 && mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0 &&
         current_namespace(g_namespace);
}

/// The job's directory, in `buffer` or remembered; null when there is none.
const char* job_directory(char* buffer, std::size_t size) {
  // The kernel says "(unreachable)/…" for a directory that is not below our root.
  const bool found = getcwd(buffer, size) != nullptr && buffer[0] == '/';
  if (found && buffer[1] != '\0') return buffer;
  if (g_job_directory[0] != '\0') return g_job_directory;
  return found ? buffer : nullptr;
}

void ask(spank_t spank) {
  if (is_oci_container(spank)) {
    return refuse(g_answer, wire::kExitUsage, "--container and --sif-verify exclude each other");
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
  if (!make_private_namespace()) {
    return refuse(g_answer, wire::kExitInternal, "cannot make a private mount namespace: %s",
                  strerror(errno));
  }
  ask_helper({options().helper, options().config, {g_request, size}, kHelperDeadlineMs}, g_answer);
}

}  // namespace

void remember_job_directory() noexcept {
  if (!is_requested()) return;
  if (getcwd(g_job_directory, sizeof g_job_directory) == nullptr || g_job_directory[0] != '/') {
    g_job_directory[0] = '\0';
  }
}

void prepare_task(spank_t spank) noexcept {
  g_prepared = false;
  if (!is_requested() || is_extern_step(spank)) return;
  const Refusal refusal = options_refusal();
  if (refusal.status != 0) {
    refuse(g_answer, refusal.status, "%s", refusal.message);
  } else {
    ask(spank);
  }
  g_prepared = true;
  if (g_answer.exit_status != 0) {
    slurm_info("sifguard: task refused with status %d: %s", g_answer.exit_status, g_answer.message);
  }
}

void hand_over_task(spank_t spank) noexcept {
  if (!is_requested() || is_extern_step(spank)) return;
  if (!g_prepared) {
    refuse(g_answer, wire::kExitInternal, "the task was not prepared");
  } else if (g_answer.exit_status == 0 && !is_still_ours()) {
    refuse(g_answer, wire::kExitInternal,
           "another plugin moved the task to a mount namespace of its own");
  }
  // One line for the node, not one for every task.
  const bool speaks = local_task(spank) <= 0;
  if (g_answer.exit_status != 0) end_task(g_answer, speaks);
  if (speaks && !options().quiet && g_answer.message[0] != '\0') write_line(g_answer.message);
  start_launcher(spank, g_answer);
  if (g_answer.exit_status != 0) end_task(g_answer, speaks);
}

}  // namespace sifguard
