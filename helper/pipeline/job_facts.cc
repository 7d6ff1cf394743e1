// What Slurm vouches for about a job beyond its ids. Root.
#include "helper/pipeline/job_facts.h"

#include <sys/wait.h>

#include <algorithm>
#include <functional>
#include <map>

#include "helper/request/job_record.h"
#include "keystore/base/absent.h"
#include "keystore/base/ascii.h"
#include "keystore/base/boot_id.h"
#include "keystore/base/child.h"
#include "keystore/base/text.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxAnswer = 65536;
constexpr std::int64_t kAnswerMs = 20000;
constexpr std::size_t kColumns = 6;
constexpr std::size_t kLongestSluid = 32;  // of 14 today

/// Names that admins give: no blank, no control character.
bool is_plain(std::string_view value) {
  return !value.empty() && value.size() <= 1024 &&
         std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

void learn(std::optional<std::string>& fact, std::string_view value) {
  if (!fact && is_plain(value)) fact = std::string(value);
}

std::vector<std::string> words(std::string_view line) {
  auto parts = split(line, ' ');
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

using Fields = std::map<std::string, std::string, std::less<>>;

/// All fields of the prolog's file; nothing where it is malformed.
Fields parse_fields(std::string_view record) {
  Fields fields;
  bool first = true;
  while (!record.empty()) {
    const std::size_t end = record.find('\0');
    if (end == record.npos) return {};  // cut off
    const std::string_view field = record.substr(0, end);
    record.remove_prefix(end + 1);
    if (std::exchange(first, false)) {
      if (field != job_record::kMagic) return {};
      continue;
    }
    const std::size_t equals = field.find('=');
    if (equals == field.npos ||
        !fields.emplace(field.substr(0, equals), field.substr(equals + 1)).second) {
      return {};
    }
  }
  return fields;
}

std::string value_of(const Fields& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

/// The same where they are of this job, user and boot; else nothing.
Fields fields_of(std::string_view record, const JobIdentity& job, std::string_view boot) {
  Fields fields = parse_fields(record);
  const bool ours = value_of(fields, job_record::kJob) == std::to_string(job.job) &&
                    value_of(fields, job_record::kUid) == std::to_string(job.uid) &&
                    !boot.empty() && value_of(fields, job_record::kBoot) == boot;
  return ours ? std::move(fields) : Fields();
}

}  // namespace

void read_job_record(std::string_view record, const JobIdentity& job, std::string_view boot,
                     Facts& facts) {
  const Fields fields = fields_of(record, job, boot);
  learn(facts.account, value_of(fields, job_record::kAccount));
  learn(facts.partition, value_of(fields, job_record::kPartition));
  learn(facts.qos, value_of(fields, job_record::kQos));
  learn(facts.reservation, value_of(fields, job_record::kReservation));
}

std::string read_sluid(std::string_view record, const JobIdentity& job, std::string_view boot) {
  std::string sluid = value_of(fields_of(record, job, boot), job_record::kSluid);
  const bool good = sluid.size() > 1 && sluid.size() <= kLongestSluid && sluid.front() == 's' &&
                    std::all_of(sluid.begin(), sluid.end(), is_alphanumeric);
  return good ? std::move(sluid) : std::string();
}

void read_squeue(std::string_view answer, const JobIdentity& job, Facts& facts) {
  // Of an array's first element, squeue shows the others too.
  std::vector<std::string> row;
  for (const std::string& line : split(answer, '\n')) {
    auto columns = words(line);
    if (columns.empty()) continue;
    if (columns.size() != kColumns) return;
    if (columns[0] != std::to_string(job.job)) continue;
    if (!row.empty()) return;
    row = std::move(columns);
  }
  if (row.empty() || row[1] != std::to_string(job.uid)) return;
  const auto known = [](const std::string& value) {
    return value == "(null)" || value == "N/A" ? std::string() : value;
  };
  learn(facts.account, known(row[2]));
  learn(facts.partition, known(row[3]));
  learn(facts.qos, known(row[4]));
  if (!facts.reservation) facts.reservation = known(row[5]);
}

Result<RecordedJob> RecordedJob::read(const JobIdentity& job, const std::string& run_directory) {
  RecordedJob recorded;
  recorded.job_ = job;
  const std::string path = run_directory + "/jobs/" + std::to_string(job.job);
  if (is_absent(path)) return recorded;
  auto text = read_trusted_file(path, job_record::kMaxSize, Trust{0});
  if (!text) return tl::unexpected(std::move(text).error().prepend("facts of the job"));
  recorded.text_ = *std::move(text);
  SG_TRY(recorded.boot_, read_boot_id());
  return recorded;
}

void RecordedJob::add_to(Facts& facts) const {
  read_job_record(text_, job_, boot_, facts);
}

std::string RecordedJob::sluid() const {
  return read_sluid(text_, job_, boot_);
}

Status ask_slurm(Facts& facts, const JobIdentity& job, const std::string& squeue) {
  SG_CHECK(check_trusted_program(squeue, Trust{0}));
  SG_TRY(Pipe answer, make_pipe());
  ChildSpec spec;
  spec.program = squeue;
  // Only columns that no user can write: a job's name and comment may hold anything.
  spec.argv = {"squeue", "--noheader", "--states=all", "--jobs=" + std::to_string(job.job),
               "--format=%A %U %a %P %q %v"};
  spec.environment = {"LC_ALL=C", "PATH=/usr/bin:/bin"};
  spec.fds = {{answer.write_end.get(), 1}};
  SG_TRY(Child child, start_child(spec));
  answer.write_end.reset();
  const std::int64_t deadline = monotonic_ms() + kAnswerMs;
  SG_TRY(const std::string text, read_until(answer.read_end.get(), kMaxAnswer, deadline, "squeue"));
  SG_TRY(const int status, child.wait(deadline));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) read_squeue(text, job, facts);
  return {};
}

}  // namespace sifguard
