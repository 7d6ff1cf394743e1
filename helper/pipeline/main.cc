// sifguard-helper: decides and prepares one task's launch. Root, started by the plugin with an
// empty environment in the task's own mount namespace; not setuid, and of no use to anybody else.
//
//   sifguard-helper task [--config FILE]    request and answer on descriptor 3
//   sifguard-helper reap [--config FILE]    clears leftovers of killed helpers from the cache
//   sifguard-helper --version               for `sifctl doctor`; any user
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

Result<LaunchOutcome> serve_task(const std::string& config_path) {
  const auto request = read_request();
  const auto config = read_config(config_path);
  // A configuration that cannot be read does not keep the refusal out of the usual audit log.
  auto audit = AuditLog::open(config ? config->audit_file : SIFGUARD_AUDIT_FILE, Trust{0});
  const auto refuse = [&](Error error) {
    if (audit) record_refusal(*audit, request ? first_record(*request) : AuditRecord{}, error);
    return tl::unexpected(std::move(error));
  };
  if (!request) return refuse(request.error());
  if (!config) return refuse(config.error());
  if (!audit) return tl::unexpected(std::move(audit).error().prepend("audit log"));
  if (!is_private_namespace(grandparent())) {
    return refuse(Error(Code::internal, "the task has no mount namespace of its own"));
  }
  return launch_task(*request, *config, *audit);
}

int task(const std::string& config_path) {
  Result<LaunchOutcome> outcome = fail(Code::internal, "the helper failed");
  try {
    outcome = serve_task(config_path);
  } catch (const std::exception& error) {
    outcome = fail(Code::internal, std::string("the helper failed: ") + error.what());
  }
  const wire::Answer answer =
      outcome ? allow_answer(outcome->notice) : refuse_answer(outcome.error());
  return write_all(wire::kHelperFd, encode_answer(answer), "answer") ? 0 : kAnswerFailed;
}

int reap(const std::string& config_path) {
  const auto report = [](const Error& error) {
    std::fprintf(stderr, "sifguard-helper: %s\n", printable(error.line()).c_str());
    return error.exit_status();
  };
  const auto config = read_config(config_path);
  if (!config) return report(config.error());
  const auto cache = ImageCache::open(config->cache, config->cache_max_bytes);
  if (!cache) return report(cache.error());
  const auto tidied = cache->tidy();
  return tidied ? 0 : report(tidied.error());
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
  if ((verb != "task" && verb != "reap") || (argc != 2 && !with_config)) {
    std::fputs(
        "usage: sifguard-helper task|reap [--config FILE], or --version  (started by the Slurm "
        "plugin)\n",
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
  return verb == "task" ? sifguard::task(config_path) : sifguard::reap(config_path);
}
