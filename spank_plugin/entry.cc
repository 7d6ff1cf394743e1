// The functions that Slurm calls, and nothing else. srun, sbatch, salloc as the user; slurmd and
// slurmstepd as root.
//
// In slurmd and slurmstepd none of them ever returns an error: depending on the hook, Slurm would
// keep slurmd from starting, drain the node, or let the task run anyway. A refusal is remembered
// and ends the task in slurm_spank_task_init.
//
// What slurmd does for every job as soon as a plugin asks for it (job_prolog, job_epilog) is in a
// file of its own, job_entry.cc.
#include "sifguard/paths.h"
#include "spank_plugin/demand.h"
#include "spank_plugin/options.h"
#include "spank_plugin/slurm_api.h"
#include "spank_plugin/slurm_mark.h"
#include "spank_plugin/task.h"

// `sifctl doctor` finds both in the file.
[[gnu::used]] static const char version_mark[] = "sifguard-plugin-version=" SIFGUARD_VERSION;
[[gnu::used]] static constexpr auto release_mark = sifguard::slurm_mark(SLURM_VERSION_NUMBER);

extern "C" {

SPANK_PLUGIN(sifguard, 1)

#if SIFGUARD_HAVE_INIT_FAILURE_MODE
// Slurm from 25.05 on drains the node when a plugin's init fails, unless the plugin says that the
// job shall fail.
int slurm_spank_init_failure_mode = ESPANK_JOB_FAILURE;
#endif

int slurm_spank_init(spank_t spank, int ac, char* argv[]) {
  return sifguard::init_options(spank, ac, argv);
}

int slurm_spank_init_post_opt(spank_t spank, int, char*[]) {
  if (spank_context() == S_CTX_REMOTE) sifguard::begin_step(spank);
  return sifguard::check_options();
}

// srun, right before it sends the step to the nodes.
int slurm_spank_local_user_init(spank_t spank, int, char*[]) {
  if (sifguard::asks_for_image() && !sifguard::put_demand(spank) && !sifguard::options().quiet) {
    slurm_info("sifguard: a node without its plugin would run this on the host; see sifguard(7)");
  }
  return ESPANK_SUCCESS;
}

int slurm_spank_user_init(spank_t, int, char*[]) {
  sifguard::remember_job_directory();
  return ESPANK_SUCCESS;
}

int slurm_spank_task_init_privileged(spank_t spank, int, char*[]) {
  sifguard::prepare_task(spank);
  return ESPANK_SUCCESS;
}

int slurm_spank_task_post_fork(spank_t, int, char*[]) {
  sifguard::end_fork();
  return ESPANK_SUCCESS;
}

int slurm_spank_task_init(spank_t spank, int, char*[]) {
  sifguard::hand_over_task(spank);
  return ESPANK_SUCCESS;
}

int slurm_spank_task_exit(spank_t spank, int, char*[]) {
  sifguard::note_end(spank);
  return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t, int, char*[]) {
  sifguard::give_back_commands();
  return ESPANK_SUCCESS;
}

}  // extern "C"
