// What Slurm vouches for about a job beyond its ids: account, partition, QOS, reservation. Root.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/policy/policy.h"

namespace sifguard {

struct JobIdentity {
  std::uint32_t job = 0;
  uid_t uid = 0;
};

/// What the prolog wrote down of a job (helper/request/job_record.h), as it was read at one moment.
class RecordedJob {
 public:
  /// A file that is absent, of another boot, job or user says nothing.
  /// Errors: Code::config when the file cannot be trusted.
  static Result<RecordedJob> read(const JobIdentity& job, const std::string& run_directory);

  /// Sets facts that are unknown yet.
  void add_to(Facts& facts) const;
  /// Slurm's unique id of the job; "" where the prolog did not write it down: Slurm tells it from
  /// 25.11 on, and the file of the second plugin (spank_plugin/job_entry.cc) has to be loaded. What
  /// the job's own environment says of it is the user's word, and is not asked. For records alone.
  [[nodiscard]] std::string sluid() const;

 private:
  JobIdentity job_;
  std::string text_;  // empty where there is no file
  std::string boot_;
};

/// Asks `squeue` for facts that are still unknown; it reports only names that admins control, in a
/// format that we set. Unless the answer is rows of six words, one of them for this job and user,
/// the facts stay unknown. Errors: Code::temporary when Slurm does not answer in time.
Status ask_slurm(Facts& facts, const JobIdentity& job, const std::string& squeue);

/// The parser of its answer, "JOB UID ACCOUNT PARTITION QOS RESERVATION" a line. Pure.
void read_squeue(std::string_view answer, const JobIdentity& job, Facts& facts);

/// The parser of the prolog's file. Pure. `boot` is the id of this boot.
void read_job_record(std::string_view record, const JobIdentity& job, std::string_view boot,
                     Facts& facts);
/// Likewise; "" for anything but "s" and letters and digits.
[[nodiscard]] std::string read_sluid(std::string_view record, const JobIdentity& job,
                                     std::string_view boot);

}  // namespace sifguard
