// Whether a node lets a step run without a verified image. Root.
#include "helper/pipeline/enforcement.h"

#include "helper/pipeline/job_facts.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "sifguard/paths.h"

namespace sifguard {

Result<Enforcement> find_enforcement(const Config& config, const Request& request) {
  if (config.enforce == Enforce::requested) return Enforcement{};
  if (config.enforce == Enforce::always) return Enforcement{true, "this node"};
  Facts facts;
  const JobIdentity job{request.job, request.uid};
  SG_TRY(const RecordedJob recorded, RecordedJob::read(job, SIFGUARD_RUN_DIR));
  recorded.add_to(facts);
  if (!facts.partition) SG_CHECK(ask_slurm(facts, job, config.squeue));
  if (!facts.partition) return Enforcement{true, "this node, in a partition that is not known,"};
  const auto& enforced = config.enforced_partitions;
  const bool named = contains(enforced, *facts.partition);
  return Enforcement{named, "partition " + printable(*facts.partition, 100)};
}

Status check_enforcement(const Enforcement& enforcement, const Request& request) {
  if (!enforcement.enforced || !request.image.empty()) return {};
  return fail(Code::denied, enforcement.where + " runs verified images only",
              "add --sif-verify=IMAGE");
}

}  // namespace sifguard
