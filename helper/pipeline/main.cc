// sifguard-helper: decides and prepares a step's launch on a node. Root, started by the plugin with
// an empty environment in the first task's mount namespace; not setuid, and useless to anybody
// else.
//
//   sifguard-helper task      request and answer on descriptor 3: launches
//   sifguard-helper enforced  the same, but answers only whether the step must name an image
//   sifguard-helper reap      clears leftovers of killed helpers from the cache, and frees FUSE
//                             servers that cannot die
//   sifguard-helper walls     for `sifctl doctor`: what the node supports for sandboxes
//   sifguard-helper mounts    the same for mounted roots; with SQUASHFUSE ACCOUNT for those
//                             that this program serves as that account
//   sifguard-helper --version  for `sifctl doctor`; any user
//
// --config FILE and --state DIR follow the verb: sifguard.yaml, and where the node remembers what
// it last understood of it.
//
// Exit status 0 whenever an answer was given, also for a refusal.
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helper/mount/job_mounts.h"
#include "helper/mount/node_mounts.h"
#include "helper/mount/stuck_servers.h"
#include "helper/pipeline/enforcement.h"
#include "helper/pipeline/person.h"
#include "helper/pipeline/pipeline.h"
#include "helper/pipeline/remembered.h"
#include "helper/process/limit_root.h"
#include "helper/process/walls.h"
#include "helper/request/answer.h"
#include "helper/request/request.h"
#include "helper/stage/cache.h"
#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/policy/hardening.h"
#include "keystore/policy/insistence.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr int kAnswerFailed = 1;
constexpr int kUsage = 64;
constexpr std::int64_t kRequestMs = 30000;

struct Places {
  std::string config = SIFGUARD_CONFIG_FILE;
  std::string state = SIFGUARD_STATE_DIR;
};

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

/// A handle of slurmstepd; empty before Linux 5.3, and where it has just ended.
UniqueFd step_daemon() {
  const pid_t daemon = grandparent();
  if (daemon <= 1) return {};
  UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, daemon, 0)));
  if (grandparent() != daemon) handle.reset();  // the number may be another's by now
  return handle;
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

std::int64_t now_ns() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void tell_syslog(int level, const std::string& what, const Error& error) {
  ::syslog(LOG_AUTHPRIV | level, "%s: %s", what.c_str(), one_line(error.line()).c_str());
}

/// Whoever does not hear it will not hear the answer either.
void tell_plugin(std::string_view what) {
  (void)write_all(wire::kHelperFd, encode_answer(progress_message(what)), "progress");
}

/// What every request needs before it is looked at.
class Service {
 public:
  explicit Service(const Places& places)
      : places_(places),
        request_(read_request()),
        file_(enforcement_record::look_at(places.config.c_str())),
        config_(read_config(places.config)),
        audit_(open_audit_log(config_)) {
    // Which of the two was read is not known.
    if (file_ != enforcement_record::look_at(places.config.c_str())) file_ = {};
  }

  Result<wire::Answer> launch() {
    SG_CHECK(check());
    if (request_->image.empty()) return refuse(Error(Code::internal, "the request has no image"));
    if (!is_private_namespace(grandparent())) {
      return refuse(Error(Code::internal, "the task has no mount namespace of its own"));
    }
    const UniqueFd daemon = step_daemon();
    SG_TRY(const LaunchOutcome outcome,
           launch_task(*request_, *config_, *audit_, daemon.get(), tell_plugin));
    return allow_answer(outcome.notice);
  }

  Result<wire::Answer> say_whether_enforced() {
    if (!request_) return refuse(request_.error());
    const Remembered before = recall(places_.state);
    const bool damaged = before.memory == enforcement_record::Memory::damaged;
    auto settled = settle_enforcement(config_, {request_->node_enforces, before.insists(),
                                                damaged ? places_.state : std::string()});
    if (settled || (config_ && config_->enforce_said)) keep_in_mind(before);
    if (!settled) return refuse(std::move(settled).error());
    if (!*settled) {
      constexpr const char* kWhat = "no images are enforced on this node";
      tell_syslog(LOG_ALERT, kWhat, config_.error());
      return enforcement_answer(false, config_.error().line());
    }
    return say_of_step(**settled);
  }

 private:
  Result<wire::Answer> say_of_step(const Config& config) {
    auto enforcement = find_enforcement(config, *request_);
    if (!enforcement) return refuse(std::move(enforcement).error());
    if (!enforcement->enforced) return enforcement_answer(false);
    if (!audit_) return tl::unexpected(Error(audit_.error()).prepend("audit log"));
    if (auto allowed = check_enforcement(*enforcement, *request_); !allowed) {
      return refuse(std::move(allowed).error());
    }
    HardeningPlaces places;
    places.own = SIFGUARD_LIBEXEC_DIR;
    if (auto hardened = check_hardening(config.runtime, places); !hardened) {
      if (config.enforce_hardening == Hardening::require) return refuse(hardened.error());
      tell_syslog(LOG_WARNING, "enforced all the same", hardened.error());
    }
    return enforcement_answer(true);
  }

  void keep_in_mind(const Remembered& before) const {
    const bool enforces = config_ && config_->enforce != Enforce::requested;
    const auto record = after_reading(before, file_, config_.has_value(), enforces, now_ns());
    if (const auto done = remember(places_.state, before, record); !done) {
      tell_syslog(enforces ? LOG_ALERT : LOG_WARNING, "what is enforced cannot be remembered",
                  done.error());
    }
  }

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

  Places places_;
  Result<Request> request_;
  enforcement_record::Identity file_;  ///< of the configuration; unknown if it changed meanwhile
  Result<Config> config_;
  Result<AuditLog> audit_;
};

int serve(const std::string& verb, const Places& places) {
  Result<wire::Answer> answer = fail(Code::internal, "the helper failed");
  try {
    Service service(places);
    answer = verb == "task" ? service.launch() : service.say_whether_enforced();
  } catch (const std::exception& error) {
    answer = fail(Code::internal, std::string("the helper failed: ") + error.what());
  }
  const wire::Answer said = answer ? *answer : refuse_answer(answer.error());
  return write_all(wire::kHelperFd, encode_answer(said), "answer") ? 0 : kAnswerFailed;
}

/// To who launches, before anything of his was read: on a node where this process cannot be
/// confined.
int refuse_unheard(const Error& error) {
  tell_syslog(LOG_ALERT, "no image is launched on this node", error);
  const wire::Answer said = refuse_answer(error);
  return write_all(wire::kHelperFd, encode_answer(said), "answer") ? 0 : kAnswerFailed;
}

int reap(const std::string& config_path) {
  const auto report = [](const Error& error) {
    std::fprintf(stderr, "sifguard-helper: %s\n", one_line(error.line()).c_str());
    return error.exit_status();
  };
  const auto freed = free_stuck_servers();
  if (freed && *freed != 0)
    std::printf("freed %zu FUSE servers that could not be killed\n", *freed);
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

/// The status of what only tells something: whether it was written.
int told(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return 0;
  std::fputs("sifguard-helper: cannot write to the standard output\n", stderr);
  return static_cast<int>(Code::cannot_write);
}

int tell_mounts(const std::vector<std::string>& words) {
  std::optional<SquashfuseTrial> trial;
  if (!words.empty()) {
    auto account = find_service_account(words[1]);
    if (!account) {
      std::fprintf(stderr, "sifguard-helper: %s\n", one_line(account.error().line()).c_str());
      return account.error().exit_status();
    }
    trial = {SIFGUARD_LIBEXEC_DIR, words[0], *std::move(account)};
  }
  return told(describe_mounts(trial));
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  sifguard::Places places;
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "--version" && argc == 2) {
    return sifguard::told("sifguard-helper " SIFGUARD_VERSION "\n");
  }
  if (verb == "walls" && argc == 2) return sifguard::told(sifguard::describe_walls());
  if (verb == "mounts" && (argc == 2 || argc == 4)) {
    return sifguard::tell_mounts({argv + 2, argv + argc});
  }
  bool known = verb == "task" || verb == "enforced" || verb == "reap";
  for (int i = 2; i < argc; i += 2) {
    const bool config = std::strcmp(argv[i], "--config") == 0;
    known = known && i + 1 < argc && (config || std::strcmp(argv[i], "--state") == 0);
    if (known) (config ? places.config : places.state) = argv[i + 1];
  }
  if (!known) {
    std::fputs(
        "usage: sifguard-helper task|enforced|reap [--config FILE] [--state DIR], walls, "
        "mounts, or --version  "
        "(started by the Slurm plugin)\n",
        stderr);
    return sifguard::kUsage;
  }
  if (::geteuid() != 0 || !sifguard::harden_process() || !sifguard::protect_openssl_memory()) {
    std::fputs("sifguard-helper: must run as root, with memory that it may lock\n", stderr);
    return sifguard::kUsage;
  }
  if (const auto limited = sifguard::limit_root(); !limited) {
    std::fprintf(stderr, "sifguard-helper: %s\n", limited.error().line().c_str());
    // Whether it is enforced is not said: steps without an image run where nothing insists.
    if (verb == "task") return sifguard::refuse_unheard(limited.error());
    return limited.error().exit_status();
  }
  // A plugin that was killed meanwhile must not end this process before its audit record.
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  sifguard::make_directories();
  if (verb == "reap") return sifguard::reap(places.config);
  // The step waits for the end of this process: what is left is memory, which the kernel takes
  // back.
  ::_exit(sifguard::serve(verb, places));
}
