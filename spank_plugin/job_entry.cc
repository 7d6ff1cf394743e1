// The functions of the second plugin file, which writes down what the prolog knows about a job and
// removes it in the epilog. slurmd's prolog and epilog processes, root.
//
// It is a separate file because of its cost: as soon as any plugin has one of these two functions,
// slurmd starts two more processes for every job, also for those without an image.
#include "sifguard/paths.h"
#include "spank_plugin/job_file.h"
#include "spank_plugin/slurm_api.h"
#include "spank_plugin/slurm_mark.h"

// `sifctl doctor` finds both in the file.
[[gnu::used]] static const char version_mark[] = "sifguard-plugin-version=" SIFGUARD_VERSION;
[[gnu::used]] static constexpr auto release_mark = sifguard::slurm_mark(SLURM_VERSION_NUMBER);

extern "C" {

SPANK_PLUGIN(sifguard_job, 1)

int slurm_spank_job_prolog(spank_t, int, char*[]) {
  sifguard::write_job_file();
  return ESPANK_SUCCESS;
}

int slurm_spank_job_epilog(spank_t, int, char*[]) {
  sifguard::remove_job_file();
  return ESPANK_SUCCESS;
}

}  // extern "C"
