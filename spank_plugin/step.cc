// What Slurm vouches for about a step on this node. slurmstepd and its forked tasks, root.
#include "spank_plugin/step.h"

#include <sifguard/paths.h>

#include <cstring>

#include "helper/request/request_writer.h"
#include "spank_plugin/option_form.h"

namespace sifguard {
namespace {

using TakePart = std::string_view (*)(std::string_view&, char) noexcept;

void write_list(RequestWriter& writer, wire::Tag tag, std::string_view list, TakePart take) {
  if (list.empty()) return;
  for (std::string_view rest = list; rest.data() != nullptr;) {
    writer.text(tag, take(rest, ','));
  }
}

void write_if_given(RequestWriter& writer, wire::Tag tag, std::string_view text) {
  if (!text.empty()) writer.text(tag, text);
}

std::uint32_t flags_of(const Options& options) {
  std::uint32_t flags = 0;
  if (options.quiet) flags |= wire::kFlagQuiet;
  if (options.verbose) flags |= wire::kFlagVerbose;
  if (options.run) flags |= wire::kFlagRun;
  if (options.nv) flags |= wire::kFlagNv;
  if (options.rocm) flags |= wire::kFlagRocm;
  if (options.contain) flags |= wire::kFlagContain;
  if (options.enforce) flags |= wire::kFlagNodeEnforces;
  return flags;
}

}  // namespace

bool is_extern_step(spank_t spank) noexcept {
  std::uint32_t step = 0;
  return spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step == SLURM_EXTERN_CONT;
}

bool is_own_step(spank_t spank) noexcept {
  constexpr char kPrefetch[] = SIFGUARD_LIBEXEC_DIR "/sifguard-prefetch";
  constexpr char kStatus[] = SIFGUARD_LIBEXEC_DIR "/sifguard-node-status";
  uid_t uid = 1;
  std::uint32_t step = SLURM_BATCH_SCRIPT;
  int argc = 0;
  char** argv = nullptr;
  return spank_get_item(spank, S_JOB_UID, &uid) == ESPANK_SUCCESS && uid == 0 &&
         spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS &&
         step != SLURM_BATCH_SCRIPT &&
         spank_get_item(spank, S_JOB_ARGV, &argc, &argv) == ESPANK_SUCCESS && argc > 0 &&
         argv != nullptr && argv[0] != nullptr &&
         (std::strcmp(argv[0], kPrefetch) == 0 || std::strcmp(argv[0], kStatus) == 0);
}

bool is_oci_container(spank_t spank) noexcept {
  constexpr char kSet[] = "SLURM_CONTAINER=";  // srun's doing, whatever the user exports
  char** environment = nullptr;
  if (spank_get_item(spank, S_JOB_ENV, &environment) != ESPANK_SUCCESS) return false;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    constexpr std::size_t kSize = sizeof kSet - 1;
    if (std::strncmp(*environment, kSet, kSize) == 0 && (*environment)[kSize] != '\0') return true;
  }
  return false;
}

int local_task(spank_t spank) noexcept {
  int task = -1;
  return spank_get_item(spank, S_TASK_ID, &task) == ESPANK_SUCCESS ? task : -1;
}

const char* read_identity(spank_t spank, Step& step) noexcept {
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
  return nullptr;
}

const char* read_step(spank_t spank, Step& step) noexcept {
  if (const char* fact = read_identity(spank, step)) return fact;
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
  writer.number(wire::kTagNodeId, step.node_id);
  writer.text(wire::kTagCwd, cwd);
  writer.text(wire::kTagNode, node);
  write_if_given(writer, wire::kTagImage, options.image);
  write_list(writer, wire::kTagBind, options.binds, take_escaped_part);
  write_list(writer, wire::kTagVariable, options.env, take_part);
  write_if_given(writer, wire::kTagBatchScript, step.batch_script);
  write_if_given(writer, wire::kTagSigner, options.signer);
  write_if_given(writer, wire::kTagWorkdir, options.workdir);
  writer.number(wire::kTagFlags, flags_of(options));
  return writer.finish();
}

}  // namespace sifguard
