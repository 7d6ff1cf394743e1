// Asking the nodes of a cluster through Slurm. The rights of the admin; srun does the work.
#include "keystore/cli/fleet_ask.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <set>
#include <thread>

#include "keystore/base/fd.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/doctor/ask_program.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr int kListTimeoutMs = 60'000;
constexpr int kAnswerTimeoutMs = 180'000;  // of a node, after it has a free CPU
constexpr const char* kProgram = SIFGUARD_LIBEXEC_DIR "/sifguard-node-status";

/// A node as slurmctld sees it.
struct Known {
  std::string name, state;
};

Result<std::vector<std::string>> ask_slurm(const Config& config, const std::string& program,
                                           std::vector<std::string> words) {
  const ProgramRun run =
      host_program(slurm_program(config, program), std::move(words), kListTimeoutMs);
  SG_TRY(const SecretBytes said, run_program(run));
  auto lines = split(as_text(said.bytes()), '\n');
  std::erase(lines, "");
  return lines;
}

Result<std::vector<Known>> known_nodes(const Config& config, const std::string& list) {
  std::vector<std::string> words = {"--noheader", "--Node", "--format=%N|%T"};
  if (!list.empty()) words.push_back("--nodes=" + list);
  SG_TRY(const auto lines, ask_slurm(config, "sinfo", std::move(words)));
  std::vector<Known> nodes;
  std::set<std::string> seen;  // a line for each partition
  for (const std::string& line : lines) {
    const std::size_t bar = line.find('|');
    if (bar == std::string::npos || bar == 0) continue;
    const std::string name = line.substr(0, bar);
    if (seen.insert(name).second) nodes.push_back({name, line.substr(bar + 1)});
  }
  return nodes;
}

/// Those of the list that slurmctld did not name have no state.
Status add_unknown(const Config& config, const std::string& list, std::vector<Known>& nodes) {
  if (list.empty()) return {};
  SG_TRY(const auto names, ask_slurm(config, "scontrol", {"show", "hostnames", list}));
  std::set<std::string> seen;
  for (const Known& node : nodes) seen.insert(node.name);
  for (const std::string& name : names) {
    if (seen.insert(name).second) nodes.push_back({name, ""});
  }
  return {};
}

/// Why Slurm would start no job there; empty if it would.
std::string why_not(const Known& node) {
  if (node.state.empty()) return "Slurm does not know it";
  const std::string state = node.state.substr(0, node.state.find_first_of("*~#!%$@^-+"));
  const bool marked = node.state.find_first_of("*~#!%@^") != std::string::npos;
  const bool open = state == "idle" || state == "mixed" || state == "allocated" ||
                    state == "completing" || state == "planned";
  return open && !marked ? "" : "not asked: its state is " + node.state;
}

/// An unnamed file for the output of srun, which can grow to one answer and not more.
Result<UniqueFd> make_room() {
  UniqueFd fd(::memfd_create("sifguard-node", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid() || ::ftruncate(fd.get(), static_cast<off_t>(kMaxNodeAnswer)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW) != 0) {
    return fail_errno(Code::temporary, "no memory for the answer of a node", errno);
  }
  return fd;
}

/// What was written there; its end is where the next byte would have gone.
std::string written_in(const UniqueFd& fd) {
  const off_t size = ::lseek(fd.get(), 0, SEEK_CUR);
  std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

class Asker {
 public:
  Asker(const Config& config, const FleetPlan& plan)
      : srun_(slurm_program(config, "srun")),
        plan_(plan),
        job_("sifguard-nodes-" + std::to_string(::getpid())) {}

  void ask(FleetNode& node) const {
    auto room = make_room();
    if (!room) {
      node.failure = room.error().line();
      return;
    }
    ProgramRun run = host_program(srun_, words(node.name), plan_.wait_s * 1000 + kAnswerTimeoutMs);
    run.output_fd = room->get();
    run.speaker = "srun: error: ";
    node.asked = ::time(nullptr);
    const auto done = run_program(run);
    node.answered = ::time(nullptr);
    node.text = written_in(*room);
    if (done) return;
    node.failure =
        (node.text->empty() ? "sifguard-node-status did not answer: " : "") + done.error().what();
  }

  [[nodiscard]] const std::string& job() const noexcept { return job_; }

 private:
  [[nodiscard]] std::vector<std::string> words(const std::string& node) const {
    std::vector<std::string> words = {"--quiet",
                                      "--nodelist=" + node,
                                      "--nodes=1",
                                      "--ntasks=1",
                                      "--job-name=" + job_,
                                      "--chdir=/",
                                      "--export=NONE",
                                      "--input=none",
                                      "--time=5",
                                      "--immediate=" + std::to_string(plan_.wait_s)};
    words.insert(words.end(), plan_.srun.begin(), plan_.srun.end());
    words.emplace_back(kProgram);
    return words;
  }

  std::string srun_;
  const FleetPlan& plan_;
  std::string job_;
};

/// Each worker takes the next node that nobody has taken.
void ask_all(const Asker& asker, int at_once, std::vector<FleetNode>& nodes) {
  std::vector<FleetNode*> open;
  for (FleetNode& node : nodes) {
    if (node.failure.empty()) open.push_back(&node);
  }
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < open.size(); i = next++) asker.ask(*open[i]);
  };
  std::vector<std::jthread> workers;
  const std::size_t count = std::min(open.size(), static_cast<std::size_t>(at_once));
  for (std::size_t i = 0; i < count; ++i) workers.emplace_back(work);
}

}  // namespace

Result<std::vector<FleetNode>> ask_fleet(const Config& config, const FleetPlan& plan) {
  if (::geteuid() != 0) {
    return fail(Code::denied, "only jobs of root's may look into nodes", "run it as root");
  }
  SG_TRY(auto known, known_nodes(config, plan.nodes));
  SG_CHECK(add_unknown(config, plan.nodes, known));
  if (known.empty()) {
    return fail(Code::absent, "Slurm names no node", "see sinfo");
  }
  std::vector<FleetNode> nodes;
  for (const Known& one : known) {
    FleetNode node;
    node.name = one.name;
    node.failure = why_not(one);
    nodes.push_back(std::move(node));
  }
  const Asker asker(config, plan);
  ask_all(asker, plan.at_once, nodes);
  const bool late = std::any_of(nodes.begin(), nodes.end(), [](const FleetNode& node) {
    return node.failure.find("in time") != std::string::npos;
  });
  // An srun that was killed leaves its job to Slurm.
  if (late) (void)ask_slurm(config, "scancel", {"--quiet", "--name=" + asker.job()});
  return nodes;
}

Result<std::vector<FleetNode>> read_fleet(const std::string& directory) {
  std::vector<FleetNode> nodes;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file()) continue;
    FleetNode node;
    node.name = at->path().filename().string();
    auto text = read_input_text(at->path().string(), kMaxNodeAnswer);
    if (text) {
      node.text = *std::move(text);
    } else {
      node.failure = text.error().what();
    }
    nodes.push_back(std::move(node));
  }
  if (error) {
    return fail(Code::absent, "cannot read " + directory + ": " + error.message());
  }
  if (nodes.empty()) return fail(Code::absent, "no answers are in " + directory);
  std::sort(nodes.begin(), nodes.end(),
            [](const FleetNode& a, const FleetNode& b) { return a.name < b.name; });
  return nodes;
}

}  // namespace sifguard
