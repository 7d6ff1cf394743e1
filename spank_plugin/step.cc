// What Slurm vouches for about one task. slurmstepd's forked task, root.
#include "spank_plugin/step.h"

#include "helper/request/request_writer.h"

namespace sifguard {

bool is_extern_step(spank_t spank) noexcept {
  std::uint32_t step = 0;
  return spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step == SLURM_EXTERN_CONT;
}

bool is_oci_container(spank_t spank) noexcept {
  constexpr std::string_view kSet = "SLURM_CONTAINER=";  // srun's doing, whatever the user exports
  char** environment = nullptr;
  if (spank_get_item(spank, S_JOB_ENV, &environment) != ESPANK_SUCCESS) return false;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (variable.starts_with(kSet) && variable.size() > kSet.size()) return true;
  }
  return false;
}

int local_task(spank_t spank) noexcept {
  int task = -1;
  return spank_get_item(spank, S_TASK_ID, &task) == ESPANK_SUCCESS ? task : -1;
}

const char* read_step(spank_t spank, Step& step) noexcept {
  gid_t* groups = nullptr;
  int group_count = 0;
  if (spank_get_item(spank, S_JOB_UID, &step.uid) != ESPANK_SUCCESS) return "the job's uid";
  if (spank_get_item(spank, S_JOB_GID, &step.gid) != ESPANK_SUCCESS) return "the job's gid";
  if (spank_get_item(spank, S_JOB_SUPPLEMENTARY_GIDS, &groups, &group_count) != ESPANK_SUCCESS ||
      group_count < 0 || (groups == nullptr && group_count != 0)) {
    return "the job's groups";
  }
  step.groups = {groups, static_cast<std::size_t>(group_count)};
  if (spank_get_item(spank, S_JOB_ID, &step.job) != ESPANK_SUCCESS) return "the job id";
  if (spank_get_item(spank, S_JOB_STEPID, &step.step) != ESPANK_SUCCESS) return "the step id";
  if (spank_get_item(spank, S_JOB_NODEID, &step.node_id) != ESPANK_SUCCESS) return "the node id";
  if (spank_get_item(spank, S_TASK_GLOBAL_ID, &step.task) != ESPANK_SUCCESS) return "the task id";
  step.local_task = local_task(spank);
  if (step.local_task < 0) return "the task's rank on the node";

  if (step.step != SLURM_BATCH_SCRIPT) return nullptr;
  int argc = 0;
  char** argv = nullptr;
  if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 ||
      argv == nullptr || argv[0] == nullptr || argv[0][0] != '/') {
    return "the batch script's path";
  }
  step.batch_script = argv[0];
  return nullptr;
}

std::size_t write_request(const Step& step, const Options& options, std::string_view cwd,
                          std::string_view node, std::span<char> buffer) noexcept {
  static_assert(sizeof(gid_t) == sizeof(std::uint32_t) && sizeof(uid_t) == sizeof(std::uint32_t));
  RequestWriter writer(buffer);
  writer.number(wire::kTagUid, step.uid);
  writer.number(wire::kTagGid, step.gid);
  writer.numbers(wire::kTagGroups, step.groups);
  writer.number(wire::kTagJob, step.job);
  writer.number(wire::kTagStep, step.step);
  writer.number(wire::kTagTask, step.task);
  writer.number(wire::kTagLocalTask, static_cast<std::uint32_t>(step.local_task));
  writer.number(wire::kTagNodeId, step.node_id);
  writer.text(wire::kTagCwd, cwd);
  writer.text(wire::kTagNode, node);
  writer.text(wire::kTagImage, options.image);
  if (!options.binds.empty()) {
    for (std::string_view rest = options.binds; rest.data() != nullptr;) {
      writer.text(wire::kTagBind, take_part(rest, ','));
    }
  }
  if (!step.batch_script.empty()) writer.text(wire::kTagBatchScript, step.batch_script);
  writer.number(wire::kTagQuiet, options.quiet ? 1 : 0);
  return writer.finish();
}

}  // namespace sifguard
