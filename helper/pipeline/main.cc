// sifguard-helper: decides and prepares a step's launch on a node. Root, started by the plugin with
// an empty environment in the first task's mount namespace; not setuid, and of no use to anybody
// else.
//
//   sifguard-helper task [--config FILE]      request and answer on descriptor 3: launches
//   sifguard-helper enforced [--config FILE]  likewise: only whether the step must name an image
//   sifguard-helper reap [--config FILE]      clears leftovers of killed helpers from the cache,
//   and
//                                             frees FUSE servers that cannot die
//   sifguard-helper --version                 for `sifctl doctor`; any user
//
// Exit status 0 whenever an answer was given, whatever it says.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "helper/mount/job_mounts.h"
#include "helper/mount/stuck_servers.h"
#include "helper/pipeline/enforcement.h"
#include "helper/pipeline/pipeline.h"
#include "helper/request/answer.h"
#include "helper/request/request.h"
#include "helper/stage/cache.h"
#include "keystore/base/secret.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr int kAnswerFailed = 1;
constexpr int kUsage = 64;
constexpr std::int64_t kRequestMs = 30000;

/// Directories that packages make; a node where /run or the log directory is fresh gets them here.
void make_directories() {
  ::mkdir(SIFGUARD_RUN_DIR, 0755);
  ::chmod(SIFGUARD_RUN_DIR, 0755);
}

/// slurmstepd: the parent of the task that started us. Zero when that cannot be found out.
pid_t grandparent() {
  std::FILE* const file =
      std::fopen(("/proc/" + std::to_string(::getppid()) + "/stat").c_str(), "re");
  if (file == nullptr) return 0;
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  const std::size_t name_end = text.rfind(')');  // the name may hold anything, parentheses included
  int parent = 0;
  if (name_end == std::string::npos ||
      std::sscanf(text.c_str() + name_end, ") %*c %d", &parent) != 1) {  // NOLINT(cert-err34-c)
    return 0;
  }
  return parent;
}

Result<Request> read_request() {
  SG_TRY(const std::string message,
         read_until(wire::kHelperFd, wire::kMaxMessage, monotonic_ms() + kRequestMs, "the plugin"));
  return decode_request(message);
}

/// A configuration that cannot be read does not keep the refusal out of the usual audit log.
Result<AuditLog> open_audit_log(const Result<Config>& config) {
  if (!config) {
    return AuditLog::open(SIFGUARD_AUDIT_FILE, Trust{0},
                          {true, Config{}.refusals_per_minute, true});
  }
  return AuditLog::open(config->audit_file, Trust{0},
                        {config->audit_required, config->refusals_per_minute, true});
}

/// What every request needs before it is looked at.
class Service {
 public:
  explicit Service(const std::string& config_path)
      : request_(read_request()),
        config_(read_config(config_path)),
        audit_(open_audit_log(config_)) {}

  Result<wire::Answer> launch() {
    SG_CHECK(check());
    if (request_->image.empty()) return refuse(Error(Code::internal, "the request has no image"));
    if (!is_private_namespace(grandparent())) {
      return refuse(Error(Code::internal, "the task has no mount namespace of its own"));
    }
    SG_TRY(const LaunchOutcome outcome, launch_task(*request_, *config_, *audit_));
    return allow_answer(outcome.notice);
  }

  Result<wire::Answer> say_whether_enforced() {
    SG_CHECK(check());
    auto enforcement = find_enforcement(*config_, *request_);
    if (!enforcement) return refuse(std::move(enforcement).error());
    auto allowed = check_enforcement(*enforcement, *request_);
    if (!allowed) return refuse(std::move(allowed).error());
    return enforcement_answer(enforcement->enforced);
  }

 private:
  tl::unexpected<Error> refuse(Error error) {
    if (audit_) record_refusal(*audit_, request_ ? first_record(*request_) : AuditRecord{}, error);
    return tl::unexpected(std::move(error));
  }

  Status check() {
    if (!request_) return refuse(request_.error());
    if (!config_) return refuse(config_.error());
    if (!audit_) return tl::unexpected(Error(audit_.error()).prepend("audit log"));
    return {};
  }

  Result<Request> request_;
  Result<Config> config_;
  Result<AuditLog> audit_;
};

int serve(const std::string& verb, const std::string& config_path) {
  Result<wire::Answer> answer = fail(Code::internal, "the helper failed");
  try {
    Service service(config_path);
    answer = verb == "task" ? service.launch() : service.say_whether_enforced();
  } catch (const std::exception& error) {
    answer = fail(Code::internal, std::string("the helper failed: ") + error.what());
  }
  const wire::Answer said = answer ? *answer : refuse_answer(answer.error());
  return write_all(wire::kHelperFd, encode_answer(said), "answer") ? 0 : kAnswerFailed;
}

int reap(const std::string& config_path) {
  const auto report = [](const Error& error) {
    std::fprintf(stderr, "sifguard-helper: %s\n", printable(error.line()).c_str());
    return error.exit_status();
  };
  const auto freed = free_stuck_servers();
  if (freed && *freed != 0) std::printf("freed %zu FUSE servers that could not die\n", *freed);
  if (!freed) report(freed.error());  // the cache is tidied all the same
  const auto config = read_config(config_path);
  if (!config) return report(config.error());
  const auto cache =
      ImageCache::open(config->cache, config->cache_max_bytes, config->cache_max_bytes_per_user);
  if (!cache) return report(cache.error());
  const auto tidied = cache->tidy();
  if (!tidied) return report(tidied.error());
  return freed ? 0 : freed.error().exit_status();
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  std::string config_path = SIFGUARD_CONFIG_FILE;
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "--version" && argc == 2) {
    return std::puts("sifguard-helper " SIFGUARD_VERSION) < 0 ? sifguard::kUsage : 0;
  }
  const bool with_config = argc == 4 && std::strcmp(argv[2], "--config") == 0;
  const bool known = verb == "task" || verb == "enforced" || verb == "reap";
  if (!known || (argc != 2 && !with_config)) {
    std::fputs(
        "usage: sifguard-helper task|enforced|reap [--config FILE], or --version  (started by the "
        "Slurm plugin)\n",
        stderr);
    return sifguard::kUsage;
  }
  if (with_config) config_path = argv[3];
  if (::geteuid() != 0 || !sifguard::harden_process() || !sifguard::protect_openssl_memory()) {
    std::fputs("sifguard-helper: must run as root, with memory that it may lock\n", stderr);
    return sifguard::kUsage;
  }
  // A plugin that was killed meanwhile must not end this process before its audit record.
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  sifguard::make_directories();
  return verb == "reap" ? sifguard::reap(config_path) : sifguard::serve(verb, config_path);
}
